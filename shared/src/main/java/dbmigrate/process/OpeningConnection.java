package dbmigrate.process;

import dbmigrate.database.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A connection that is being opened on a thread of its own, for one who does something else yet.
 */
final class OpeningConnection {
    private final CompletableFuture<Connection> opening = new CompletableFuture<>();

    private OpeningConnection() {}

    static OpeningConnection begin(Callable<Connection> open) {
        OpeningConnection begun = new OpeningConnection();
        Thread.ofPlatform()
                .daemon()
                .name("opening-connection")
                .start(() -> {
                    try {
                        begun.opening.complete(open.call());
                    } catch (Exception | Error e) {
                        begun.opening.completeExceptionally(e);
                    }
                });
        return begun;
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
            close(opening);
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

    /** Waits for it too: what nobody needs any more is not left to a function that is frozen. */
    void close() {
        try {
            opened().close();
        } catch (SQLException | RuntimeException e) {
            // It could not be opened, or is gone: either way nothing of it is left.
        }
    }

    /** Whoever opens it closes it: nobody waits any more. */
    private static void close(CompletableFuture<Connection> opening) {
        opening.thenAccept(connection -> {
            try {
                connection.close();
            } catch (SQLException e) {
                // It is gone.
            }
        });
    }
}
