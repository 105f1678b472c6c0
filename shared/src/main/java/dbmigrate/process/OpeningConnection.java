package dbmigrate.process;

import dbmigrate.database.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A connection that is being opened on a thread of its own, for one who does something else yet.
 */
final class OpeningConnection {
    private final FutureTask<Connection> opening;

    private OpeningConnection(FutureTask<Connection> opening) {
        this.opening = opening;
    }

    static OpeningConnection begin(Callable<Connection> open) {
        FutureTask<Connection> opening = new FutureTask<>(open);
        Thread.ofPlatform().daemon().name("opening-connection").start(opening);
        return new OpeningConnection(opening);
    }

    /**
     * Waits for it.
     *
     * @throws SQLException why it could not be opened
     */
    Connection opened() throws SQLException {
        try {
            return opening.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException(
                    "interrupted while the connection was opened",
                    SqlState.CONNECTION_DOES_NOT_EXIST,
                    e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException failure) {
                throw failure;
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e);
        }
    }

    /** Waits for it too: what nobody needs any more is not left to itself. */
    void close() {
        try {
            opened().close();
        } catch (SQLException | RuntimeException e) {
            // It could not be opened, or is gone: either way nothing of it is left.
        }
    }
}
