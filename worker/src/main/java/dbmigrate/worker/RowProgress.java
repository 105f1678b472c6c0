package dbmigrate.worker;

import dbmigrate.process.Attempt;
import dbmigrate.process.Attempts;
import dbmigrate.process.NextMigration;
import dbmigrate.process.Settlement;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Writes to the row that a migration begins, and so that the one before is applied: at once, or
 * beside the migration, which then may not commit before it is written. So the row never lags
 * behind the history by more than the one migration that it calls the present one, whatever dies
 * and whenever: rows and target are databases of one server, whose log keeps the order also where
 * the row's commit does not wait for the disk.
 */
final class RowProgress implements AutoCloseable {
    private final Attempts attempts;
    private final Attempt attempt;
    private @Nullable ExecutorService writer;
    private @Nullable Future<Boolean> pending;

    RowProgress(Attempts attempts, Attempt attempt) {
        this.attempts = attempts;
        this.attempt = attempt;
    }

    /** Writes it at once; false when the attempt was superseded. */
    boolean begins(NextMigration next) throws SQLException {
        return attempts.advance(attempt, Settlement.APPLIED, Optional.of(next));
    }

    /** Begins to write it; {@link #isWritten} tells what came of it. */
    void beginsMeanwhile(NextMigration next) {
        if (writer == null) {
            writer =
                    Executors.newSingleThreadExecutor(
                            Thread.ofPlatform().daemon().name("row-progress").factory());
        }
        pending = writer.submit(() -> attempts.advanceBeforeCommit(attempt, next));
    }

    /**
     * Waits until what was begun is written.
     *
     * @return false when the attempt was superseded, and nothing was written
     */
    boolean isWritten() throws SQLException {
        try {
            return pending == null || pending.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException failed) {
                throw failed;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the row was written", e);
        }
    }

    /** Ends when nothing is being written any more. */
    @Override
    public void close() {
        if (writer != null) {
            writer.close();
        }
    }
}
