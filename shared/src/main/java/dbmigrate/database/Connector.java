package dbmigrate.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** Opens sessions with the server. */
public final class Connector {
    /** How long an Aurora that resumes from a pause may take; past it the server counts as down. */
    public static final Duration PATIENCE = Duration.ofSeconds(20);

    /** However late a login begins, it has this long. */
    private static final Duration LEAST = Duration.ofSeconds(5);

    private static final Duration PAUSE_WHILE_STARTING = Duration.ofMillis(250);

    private Connector() {}

    /**
     * Opens a session. A server that says it is starting up (57P03) is asked again until {@link
     * #PATIENCE} is over, one that refuses the password of a secret as {@link SecretCredentials}
     * says; every other refusal is thrown at once.
     *
     * @throws SessionRefusedException where user and password cannot be had from their secret, the
     *     token that takes the password's place cannot be made or is refused, or the user may not
     *     become the owner role
     */
    public static Connection connect(DatabaseUrl url, SessionSettings settings)
            throws SQLException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        return url.credentials().open(login -> connect(url, login, settings, deadline), deadline);
    }

    private static Connection connect(
            DatabaseUrl url, Login login, SessionSettings settings, long deadline)
            throws SQLException {
        while (true) {
            try {
                Duration left = Duration.ofNanos(deadline - System.nanoTime());
                return prepared(
                        open(url, login, settings, left.compareTo(LEAST) > 0 ? left : LEAST),
                        settings.parameters(),
                        url.ownerRole());
            } catch (SQLException e) {
                throwIfOfOwnerRole(e, url, login);
                if (!SqlState.CANNOT_CONNECT_NOW.equals(e.getSQLState())
                        || System.nanoTime() > deadline) {
                    throw e;
                }
                pause(e);
            }
        }
    }

    private static Connection open(
            DatabaseUrl url, Login login, SessionSettings settings, Duration atMost)
            throws SQLException {
        Properties properties = url.properties(login);
        int seconds = Math.toIntExact(atMost.plusMillis(999).toSeconds());
        PGProperty.CONNECT_TIMEOUT.set(properties, seconds);
        PGProperty.LOGIN_TIMEOUT.set(properties, seconds);
        // pgjdbc's own limits inside a login are shorter: 5 s for the answer about TLS, then this
        // one.
        PGProperty.SSL_RESPONSE_TIMEOUT.set(properties, Math.multiplyExact(seconds, 1000));
        PGProperty.SOCKET_TIMEOUT.set(properties, seconds);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        // PostgreSQL's detail holds data of the tables; it reaches neither a message nor a log.
        PGProperty.LOG_SERVER_ERROR_DETAIL.set(properties, false);
        if (PGProperty.APPLICATION_NAME.getOrNull(properties) == null) {
            PGProperty.APPLICATION_NAME.set(properties, "db-migrate");
        }
        // Since this version the name may stand in the login; else it costs a round trip behind it.
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "9.0");
        Connection connection = new Driver().connect(url.jdbcUrl(), properties);
        if (connection == null) {
            throw new IllegalStateException("pgjdbc does not take the URL of " + url);
        }
        connection.setNetworkTimeout(
                Runnable::run, Math.toIntExact(settings.socketTimeout().toMillis()));
        return connection;
    }

    private static void throwIfOfOwnerRole(SQLException e, DatabaseUrl url, Login login)
            throws SQLException {
        Optional<OwnerRoleException> refused =
                url.ownerRole().flatMap(role -> OwnerRoleException.of(e, role, login.user()));
        if (refused.isPresent()) {
            throw refused.get();
        }
    }

    /**
     * Sets all parameters in one round trip; joining pg_settings leaves out the unknown ones. The
     * role stands in the login's options already, but 17.1 and its sisters (16.5, 15.9, …) pass it
     * over there.
     */
    private static Connection prepared(
            Connection connection, Map<String, String> parameters, Optional<OwnerRole> role)
            throws SQLException {
        String sql =
                """
                select (select count(set_config(known.name, wanted.value, false))
                        from unnest(?, ?) as wanted(name, value)
                        join pg_settings known on known.name = wanted.name),
                       case when owner.name is not null
                            then set_config('role', owner.name, false) end,
                       owner.name is null
                       or pg_has_role(owner.name, 'pg_signal_backend', 'usage')
                          and pg_has_role(owner.name, 'pg_read_all_stats', 'usage')
                from (select cast(? as text)) as owner(name)
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            String[] names = parameters.keySet().toArray(String[]::new);
            statement.setArray(1, connection.createArrayOf("text", names));
            statement.setArray(
                    2,
                    connection.createArrayOf(
                            "text", java.util.Arrays.stream(names).map(parameters::get).toArray()));
            statement.setString(3, role.map(OwnerRole::name).orElse(null));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                if (!row.getBoolean(3)) {
                    throw OwnerRoleException.lacksSignals(role.orElseThrow());
                }
            }
            return connection;
        } catch (SQLException e) {
            close(connection, e);
            throw e;
        }
    }

    /**
     * Closes a connection whose use has failed already; what closing says is added to the failure.
     */
    public static void close(Connection connection, Exception failure) {
        try {
            connection.close();
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
    }

    private static void pause(SQLException cause) throws SQLException {
        try {
            Thread.sleep(PAUSE_WHILE_STARTING);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw cause;
        }
    }
}
