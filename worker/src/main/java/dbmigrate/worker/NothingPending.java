package dbmigrate.worker;

import dbmigrate.process.Attempts;
import dbmigrate.process.Claim;
import dbmigrate.process.Command;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/**
 * Says of a database whose history and files agree in everything that nothing is pending, without
 * Flyway. Wherever there is any doubt it says nothing, and Flyway decides:
 *
 * <ol>
 *   <li>Nothing is configured and nothing asked for beyond a plain migrate, and no earlier attempt
 *       left a migration behind.
 *   <li>In the folder stand migrations alone ({@link MigrationFile}): no callback, no setting, no
 *       undo, no baseline, no other folder.
 *   <li>The history is the table of that name in the current schema. No other session of the
 *       database holds an advisory lock, as a Flyway at work does.
 *   <li>Each row of it is a migration by SQL that succeeded and is one of the files, by name,
 *       version, description and checksum, and each file has a row. Versions ascend as they were
 *       applied. Of a repeatable file the row that was written last counts.
 *   <li>There is no note of a migration that no roll-back undoes.
 * </ol>
 */
final class NothingPending {
    private final Claim.Claimed claimed;
    private final Attempts attempts;
    private final Future<Optional<List<MigrationFile>>> files;

    private NothingPending(
            Claim.Claimed claimed, Attempts attempts, Future<Optional<List<MigrationFile>>> files) {
        this.claimed = claimed;
        this.attempts = attempts;
        this.files = files;
    }

    /** Begins to read the files, so that they are there when the connection is. */
    static NothingPending begin(WorkerSettings settings, Claim.Claimed claimed, Attempts attempts) {
        CompletableFuture<Optional<List<MigrationFile>>> files = new CompletableFuture<>();
        if (isPlain(settings, claimed)) {
            Path folder = settings.migrations();
            Thread.ofPlatform()
                    .daemon()
                    .name("migration-files")
                    .start(() -> {
                        try {
                            files.complete(MigrationFile.in(folder));
                        } catch (RuntimeException | Error e) {
                            files.completeExceptionally(e);
                        }
                    });
        } else {
            files.complete(Optional.empty());
        }
        return new NothingPending(claimed, attempts, files);
    }

    private static boolean isPlain(WorkerSettings settings, Claim.Claimed claimed) {
        return claimed.request().command() == Command.MIGRATE
                && claimed.unsettled().isEmpty()
                && claimed.request().target().isEmpty()
                && !claimed.request().outOfOrder()
                && claimed.request().placeholders().isEmpty()
                && settings.flyway().isEmpty()
                && settings.server().url().schema().isEmpty();
    }

    /**
     * Looks at a database whose migration lock is held, and notes in the row how it stands.
     *
     * @return empty where Flyway is to decide; nothing was changed then
     */
    Optional<Ending> on(Connection connection) throws SQLException, InterruptedException {
        Optional<List<MigrationFile>> known = files();
        if (known.isEmpty() || known.get().isEmpty()) {
            return Optional.empty();
        }
        Optional<AppliedHistory> history = AppliedHistory.read(connection);
        if (history.isEmpty() || !history.get().agreesWith(known.get())) {
            return Optional.empty();
        }
        Optional<String> version = history.get().version();
        return attempts.plannedNothing(
                        claimed.attempt(),
                        version,
                        claimed.request().database(),
                        history.get().table())
                ? Optional.of(new Ending.Completed(version))
                : Optional.empty();
    }

    private Optional<List<MigrationFile>> files() throws InterruptedException {
        try {
            return files.get();
        } catch (ExecutionException e) {
            return Optional.empty();
        }
    }
}
