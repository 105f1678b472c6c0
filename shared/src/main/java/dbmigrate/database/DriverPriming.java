package dbmigrate.database;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Loads what a login and a statement need, without the server: pgjdbc does both with one on this
 * machine that refuses them.
 */
public final class DriverPriming {
    private static final String[] NOTHING = {};

    private DriverPriming() {}

    /**
     * Does it.
     *
     * @throws SQLException when it ends otherwise than with the two refusals
     */
    public static void run() throws IOException, SQLException {
        try (RefusingServer server = RefusingServer.start()) {
            expect("28P01", () -> login(server).close());
            expect(
                    "0A000",
                    () -> {
                        try (Connection session = login(server)) {
                            ask(session);
                        }
                    });
        }
    }

    private static Connection login(RefusingServer server) throws SQLException {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, "nobody");
        PGProperty.PASSWORD.set(properties, "nothing");
        PGProperty.SSL_MODE.set(properties, "disable");
        Connection session =
                new Driver()
                        .connect("jdbc:postgresql://127.0.0.1:" + server.port() + "/", properties);
        if (session == null) {
            throw new IllegalStateException("pgjdbc does not take the URL");
        }
        return session;
    }

    private static void ask(Connection session) throws SQLException {
        String sql = "select name from unnest(?, ?) as nothing(name, value) where name = ?";
        try (PreparedStatement select = session.prepareStatement(sql)) {
            select.setArray(1, session.createArrayOf("text", NOTHING));
            select.setArray(2, session.createArrayOf("text", NOTHING));
            select.setString(3, "nothing");
            select.executeQuery();
        }
    }

    @FunctionalInterface
    private interface Work {
        void run() throws SQLException;
    }

    private static void expect(String sqlState, Work work) throws SQLException {
        try {
            work.run();
        } catch (SQLException e) {
            if (sqlState.equals(e.getSQLState())) {
                return;
            }
            throw e;
        }
        throw new IllegalStateException("it was not refused with " + sqlState);
    }
}
