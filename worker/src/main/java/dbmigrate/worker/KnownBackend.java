package dbmigrate.worker;

import dbmigrate.process.Backend;
import dbmigrate.process.ProcessConnection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;

/**
 * The session that an earlier attempt left on the server. Its client may be dead or frozen, and
 * what it began may still run: it is ended before anything else is done.
 */
record KnownBackend(ProcessConnection rows, Backend backend) {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(50);

    /**
     * Ends the session and waits until it is gone. One's own role may do that, and an owner role
     * that of each user who becomes it; a session of another role is not seen here, and the
     * migration lock keeps the two apart.
     *
     * @return false when the server has not ended it in time: it is rolling back, for example
     */
    boolean end() throws SQLException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (lives()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(PAUSE);
        }
        return true;
    }

    /** Whether the server has the session: its client is not told when the network has lost it. */
    boolean isThere() throws SQLException {
        return finds("select from pg_stat_activity where pid = ? and backend_start = ?");
    }

    private boolean lives() throws SQLException {
        return finds(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                        + " where pid = ? and backend_start = ?");
    }

    private boolean finds(String sql) throws SQLException {
        return rows.call(connection -> {
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                select.setInt(1, backend.pid());
                select.setObject(2, backend.start());
                return select.executeQuery().next();
            }
        });
    }
}
