package dbmigrate.testing;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.StringJoiner;
import java.util.UUID;

/**
 * The PostgreSQL that tests run against: one server for each JVM, started on first use and gone
 * with the JVM, its folder too. It checks passwords (scram-sha-256), takes 300 connections, and its
 * time zone is Asia/Kathmandu, so that what forgets the time zone fails.
 *
 * <p>The system property {@code test.database} chooses what it is: {@code embedded} (the default)
 * or {@code testcontainers}, which runs the image that {@code test.postgres.image} names.
 */
public final class TestPostgres {
    /** The name of the superuser, and of the database that is there from the beginning. */
    static final String SUPERUSER = "postgres";

    /** What every server runs with. */
    static final Map<String, String> CONFIGURATION =
            Map.of(
                    "max_connections", "300",
                    "timezone", "Asia/Kathmandu",
                    "max_prepared_transactions", "5");

    private final RunningServer server;
    private final String password;

    private TestPostgres() {
        // Recognisable, so that a test can search for it where it must not be.
        password = "superuser-" + UUID.randomUUID();
        String kind = System.getProperty("test.database", "embedded");
        server =
                switch (kind) {
                    case "embedded" -> EmbeddedServer.start(password);
                    case "testcontainers" -> ContainerServer.start(password);
                    default ->
                            throw new IllegalStateException(
                                    "test.database is "
                                            + kind
                                            + "; it must be embedded or testcontainers");
                };
        Runtime.getRuntime().addShutdownHook(new Thread(server.stop(), "test-postgres-stop"));
    }

    /** The server of this JVM. */
    public static TestPostgres shared() {
        return Shared.INSTANCE;
    }

    /** Starts on first use, once, whichever thread comes first. */
    private static final class Shared {
        static final TestPostgres INSTANCE = new TestPostgres();
    }

    public String host() {
        return server.host();
    }

    public int port() {
        return server.port();
    }

    /** A URL with which the superuser logs in to a database, which need not exist. */
    public String url(String database) {
        return url(SUPERUSER, password, database);
    }

    /** A URL with everything percent-encoded. */
    public String url(String user, String password, String database) {
        return "postgresql://"
                + encoded(user)
                + ":"
                + encoded(password)
                + "@"
                + host()
                + ":"
                + port()
                + "/"
                + encoded(database);
    }

    /** A session of the superuser; whoever asks for it closes it. */
    public Connection connect(String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", SUPERUSER);
        properties.setProperty("password", password);
        return DriverManager.getConnection(
                "jdbc:postgresql://" + host() + ":" + port() + "/" + encoded(database), properties);
    }

    /** A name for a database or a role that nobody has yet; it is not created. */
    public String newName(String prefix) {
        return prefix + "_" + UUID.randomUUID().toString().substring(0, 8);
    }

    /** Runs one or more statements as the superuser, outside a transaction. */
    public void execute(String database, String sql) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw failed(sql, e);
        }
    }

    /** The rows of a query as the superuser, their columns joined by {@code |}; NULL is empty. */
    public List<String> query(String database, String sql) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<String> rows = new ArrayList<>();
            while (result.next()) {
                StringJoiner row = new StringJoiner("|");
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    String value = result.getString(i);
                    row.add(value == null ? "" : value);
                }
                rows.add(row.toString());
            }
            return rows;
        } catch (SQLException e) {
            throw failed(sql, e);
        }
    }

    private static IllegalStateException failed(String sql, SQLException cause) {
        return new IllegalStateException("PostgreSQL refused: " + sql, cause);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
