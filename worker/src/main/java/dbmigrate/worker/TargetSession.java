package dbmigrate.worker;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The session that migrates, as two threads see it: the attempt's, which opens and closes it, and
 * the heartbeat's, which aborts it when the attempt is lost.
 */
final class TargetSession implements AutoCloseable {
    private @Nullable Connection connection;
    private boolean aborted;

    /** Takes a session that was opened; one that comes after an abort is aborted at once. */
    synchronized Connection opened(Connection session) throws SQLException {
        connection = session;
        if (aborted) {
            session.abort(Runnable::run);
        }
        return session;
    }

    /** Cuts the session off; the server notices within seconds and rolls back. */
    synchronized void abort() {
        aborted = true;
        if (connection != null) {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                throw new IllegalStateException("the session could not be cut off", e);
            }
        }
    }

    @Override
    public synchronized void close() throws SQLException {
        if (connection != null) {
            connection.close();
        }
    }
}
