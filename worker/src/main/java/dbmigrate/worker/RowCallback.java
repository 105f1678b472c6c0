package dbmigrate.worker;

import dbmigrate.log.Log;
import dbmigrate.process.Attempt;
import dbmigrate.process.Attempts;
import dbmigrate.process.NextMigration;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.callback.Statement;
import org.jspecify.annotations.Nullable;

/**
 * Stands between two migrations: asks whether the next one may begin, and writes to the row that it
 * does.
 *
 * <p>Flyway reports the end of a migration before it commits it, so that a row written then could
 * call applied what is rolled back a moment later. The beginning of the next one is what proves the
 * commit of the one before; the last one is settled when Flyway has returned.
 *
 * <p>The beginning of a migration that a roll-back undoes is written beside it, and has to be
 * written before it commits. Of any other it is written before its first statement.
 */
final class RowCallback implements Callback, AutoCloseable {
    private final Attempts attempts;
    private final Attempt attempt;
    private final RowProgress progress;
    private final AttemptGuard guard;
    private final Duration lockTimeout;
    private final String database;
    private final Log log;
    private int count;
    private long begunAt;
    private boolean open;
    private @Nullable String begun;
    private @Nullable String inRow;
    private @Nullable MigrationScript noted;
    private @Nullable Statement failed;

    RowCallback(
            Attempts attempts,
            Attempt attempt,
            AttemptGuard guard,
            Duration lockTimeout,
            String database,
            Log log) {
        this.attempts = attempts;
        this.attempt = attempt;
        this.progress = new RowProgress(attempts, attempt);
        this.guard = guard;
        this.lockTimeout = lockTimeout;
        this.database = database;
        this.log = log;
    }

    /** The script that was begun last; empty before the first one. */
    Optional<String> begun() {
        return Optional.ofNullable(begun);
    }

    /** The one that the row calls the present one. */
    Optional<String> inRow() {
        return Optional.ofNullable(inRow);
    }

    /** The one that was begun last, where no roll-back undoes it. */
    Optional<MigrationScript> noted() {
        return Optional.ofNullable(noted);
    }

    /** The statement that failed first, with what the server said of it. */
    Optional<Statement> failed() {
        return Optional.ofNullable(failed);
    }

    /** How many migrations were begun. */
    int count() {
        return count;
    }

    /** How long ago the last one was begun. */
    Duration running() {
        return Duration.ofNanos(System.nanoTime() - begunAt);
    }

    /** Tells that the one that was begun last is applied, where that was not told yet. */
    void applied() {
        if (open && begun != null) {
            open = false;
            log.with("script", begun)
                    .with("durationMs", running().toMillis())
                    .info("migration applied");
        }
    }

    private Log told(MigrationInfo migration) {
        Log scriptLog = log.with("script", migration.getScript());
        return Optional.ofNullable(migration.getVersion())
                .map(version -> scriptLog.with("version", version.getVersion()))
                .orElse(scriptLog);
    }

    @Override
    public boolean supports(Event event, Context context) {
        return event == Event.BEFORE_EACH_MIGRATE
                || event == Event.AFTER_EACH_MIGRATE
                || event == Event.AFTER_EACH_MIGRATE_STATEMENT_ERROR;
    }

    @Override
    public boolean canHandleInTransaction(Event event, Context context) {
        return true;
    }

    @Override
    public void handle(Event event, Context context) {
        if (event == Event.BEFORE_EACH_MIGRATE) {
            begin(context);
        } else if (event == Event.AFTER_EACH_MIGRATE) {
            written();
        } else if (failed == null) {
            failed = context.getStatement();
        }
    }

    private void begin(Context context) {
        MigrationInfo migration = context.getMigrationInfo();
        try {
            Optional<MigrationScript> script =
                    MigrationScript.withoutRollback(
                            migration, context.getConfiguration(), context.getConnection());
            // A concurrent build waits for locks without holding up anybody, and often for long.
            boolean patient = script.filter(MigrationScript::isPatient).isPresent();
            guard.check(context.getConnection(), patient ? Duration.ZERO : lockTimeout);
            note(migration, script, context);
            boolean isUndone =
                    script.isEmpty()
                            && MigrationScript.isSql(migration)
                            && MigrationScript.isTransactional(migration);
            if (isUndone) {
                progress.beginsMeanwhile(next(migration));
            } else if (progress.begins(next(migration))) {
                inRow = migration.getScript();
            } else {
                throw new AttemptStoppedException(new Ending.Superseded());
            }
            applied();
            count++;
            begun = migration.getScript();
            begunAt = System.nanoTime();
            open = true;
            told(migration).info("migration begun");
            noted = script.orElse(null);
        } catch (SQLException e) {
            throw new RowWriteException(e);
        }
    }

    @Override
    public String getCallbackName() {
        return "db-migrate row";
    }

    /** The beginning of this one says that the one before is applied; its note goes. */
    private void note(MigrationInfo migration, Optional<MigrationScript> script, Context context)
            throws SQLException {
        if (noted == null && script.isEmpty()) {
            return;
        }
        HalfDoneWork halfDone =
                new HalfDoneWork(
                        context.getConnection(),
                        context.getConfiguration(),
                        attempts.rows(),
                        database);
        if (noted != null) {
            halfDone.settled(noted.script());
        }
        if (script.isPresent() && !halfDone.begin(attempt, migration, script.get())) {
            throw new AttemptStoppedException(new Ending.Superseded());
        }
    }

    private static NextMigration next(MigrationInfo migration) {
        return new NextMigration(
                Optional.ofNullable(migration.getVersion()).map(MigrationVersion::getVersion),
                migration.getDescription(),
                migration.getScript());
    }

    /** Nothing is committed that the row does not know of. */
    private void written() {
        try {
            settleRow();
        } catch (SQLException e) {
            throw new RowWriteException(e);
        }
    }

    /**
     * Waits for what is being written to the row.
     *
     * @throws AttemptStoppedException when the attempt was superseded
     */
    void settleRow() throws SQLException {
        if (!progress.isWritten()) {
            throw new AttemptStoppedException(new Ending.Superseded());
        }
        inRow = begun;
    }

    @Override
    public void close() {
        progress.close();
    }
}
