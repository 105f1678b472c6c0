package dbmigrate.worker;

import dbmigrate.process.Backend;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * The session that migrates, as two threads see it: the attempt's, which opens and closes it, and
 * the heartbeat's, which stops what runs in it.
 */
final class TargetSession implements AutoCloseable {
    private @Nullable Connection connection;
    private @Nullable Backend backend;
    private boolean aborted;
    private boolean settling;

    /** Takes a session that was opened; one that comes after an abort is aborted at once. */
    synchronized Connection opened(Connection session) throws SQLException {
        connection = session;
        if (aborted) {
            session.abort(Runnable::run);
        }
        return session;
    }

    /** Notes what the server calls the session. */
    synchronized void known(Backend session) {
        backend = session;
    }

    /** What the server calls the session, from {@link #known} until it is closed. */
    synchronized Optional<Backend> backend() {
        return Optional.ofNullable(backend);
    }

    /** Stops the statement that runs; the server rolls back and the session goes on. */
    synchronized void cancelStatement() throws SQLException {
        if (connection != null && !settling) {
            connection.unwrap(PGConnection.class).cancelQuery();
        }
    }

    /** The migrations begin. */
    synchronized void begin() {
        settling = false;
    }

    /**
     * The migrations have ended: what follows only reads and notes how, and is not to be cancelled.
     */
    synchronized void settle() {
        settling = true;
    }

    /** Cuts the session off; the server notices within seconds and rolls back. */
    synchronized void abort() throws SQLException {
        aborted = true;
        if (connection != null) {
            connection.abort(Runnable::run);
        }
    }

    /** Ends the session; another may be opened. */
    @Override
    public synchronized void close() throws SQLException {
        backend = null;
        if (connection != null) {
            Connection open = connection;
            connection = null;
            open.close();
        }
    }
}
