package dbmigrate.worker;

import dbmigrate.log.Log;
import dbmigrate.worker.RehearsedMigration.Measured;
import dbmigrate.worker.RehearsedMigration.State;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.callback.Statement;
import org.jspecify.annotations.Nullable;

/**
 * Stands around each migration of a rehearsal: refuses the one that cannot be rehearsed, looks at
 * the catalog before the others and behind them, and keeps what it saw.
 */
final class RehearsalCallback implements Callback {
    private final AttemptGuard guard;
    private final Duration lockTimeout;
    private final RehearsalPlace place;
    private final String history;
    private final Log log;
    private final List<RehearsedMigration> rehearsed = new ArrayList<>();
    private @Nullable CatalogState atFirst;
    private @Nullable HeldLocks locks;
    private @Nullable CatalogState before;
    private @Nullable MigrationInfo current;
    private @Nullable Statement failedStatement;
    private boolean oneTransaction;
    private boolean transactional;
    private boolean addsEnumValues;
    private long begunAt;

    RehearsalCallback(
            AttemptGuard guard,
            Duration lockTimeout,
            RehearsalPlace place,
            String history,
            Log log) {
        this.guard = guard;
        this.lockTimeout = lockTimeout;
        this.place = place;
        this.history = history;
        this.log = log;
    }

    /** What was rehearsed, or was not run, so far. */
    List<RehearsedMigration> rehearsed() {
        return List.copyOf(rehearsed);
    }

    /** The one that was begun and has not come to its end. */
    Optional<MigrationInfo> current() {
        return Optional.ofNullable(current);
    }

    /** The statement that failed first, with what the server said of it. */
    Optional<Statement> failedStatement() {
        return Optional.ofNullable(failedStatement);
    }

    /** Whether an earlier migration of this rehearsal has added a value to an enum. */
    boolean hasAddedEnumValues() {
        return atFirst != null && before != null && before.enumLabels() > atFirst.enumLabels();
    }

    /** Whether the migration that was begun adds some itself, which it may not use either. */
    boolean currentAddsEnumValues() {
        return addsEnumValues;
    }

    /** The one that was begun is not run after all. */
    void notRun(String reason) {
        if (current != null) {
            log.with("script", current.getScript()).info("migration not rehearsed: " + reason);
            rehearsed.add(
                    new RehearsedMigration(
                            current,
                            State.NOT_RUN,
                            transactional,
                            Optional.of(reason),
                            Optional.empty(),
                            Optional.empty()));
        }
        current = null;
        failedStatement = null;
        // A roll-back to a savepoint gives locks back.
        before = null;
    }

    /** The one that was begun has failed. */
    void failed() {
        if (current != null) {
            rehearsed.add(
                    new RehearsedMigration(
                            current,
                            State.FAILED,
                            transactional,
                            Optional.empty(),
                            Optional.of(Duration.ofNanos(System.nanoTime() - begunAt)),
                            Optional.empty()));
        }
        current = null;
    }

    /** The last one that came to its end, which is not to say that its commit did. */
    Optional<RehearsedMigration> last() {
        return rehearsed.isEmpty() ? Optional.empty() : Optional.of(rehearsed.getLast());
    }

    /** That one's commit has failed. */
    void lastFailed() {
        rehearsed.add(rehearsed.removeLast().failed());
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
        try {
            switch (event) {
                case BEFORE_EACH_MIGRATE -> begin(context);
                case AFTER_EACH_MIGRATE -> end(context);
                default -> {
                    if (failedStatement == null) {
                        failedStatement = context.getStatement();
                    }
                }
            }
        } catch (SQLException e) {
            throw new FlywayException("the catalog could not be read", e);
        }
    }

    @Override
    public String getCallbackName() {
        return "db-migrate rehearsal";
    }

    private void begin(Context context) throws SQLException {
        MigrationInfo migration = context.getMigrationInfo();
        current = migration;
        begunAt = System.nanoTime();
        Optional<MigrationScript> withoutRollback =
                MigrationScript.isSql(migration)
                        ? MigrationScript.withoutRollback(
                                migration, context.getConfiguration(), context.getConnection())
                        : Optional.empty();
        transactional = MigrationScript.isSql(migration) && withoutRollback.isEmpty();
        oneTransaction = transactional;
        Optional<String> objection =
                place.objection(
                        migration,
                        withoutRollback,
                        context.getConfiguration(),
                        context.getConnection());
        if (objection.isPresent()) {
            throw new NotRehearsedException(migration.getScript(), objection.get());
        }
        addsEnumValues =
                RehearsalPlace.addsEnumValues(
                        migration, context.getConfiguration(), context.getConnection());
        guard.check(context.getConnection(), lockTimeout);
        if (before == null) {
            before = CatalogState.read(context.getConnection(), history);
        } else if (place.isScratch()) {
            before = before.inNewTransaction(context.getConnection(), history);
        }
        if (atFirst == null) {
            atFirst = before;
            locks = new HeldLocks(before.objects().keySet());
        }
        log.with("script", migration.getScript()).info("rehearsal of a migration begun");
        begunAt = System.nanoTime();
    }

    private void end(Context context) throws SQLException {
        Duration took = Duration.ofNanos(System.nanoTime() - begunAt);
        CatalogState from = before;
        MigrationInfo migration = current;
        if (from == null || migration == null) {
            return;
        }
        CatalogState after = CatalogState.read(context.getConnection(), history);
        Optional<CatalogState.TouchedRows> rows =
                from.rows()
                        .filter(_ -> oneTransaction)
                        .flatMap(was -> after.rows().map(is -> is.since(was)));
        Measured measured =
                new Measured(
                        rows,
                        Optional.ofNullable(locks)
                                .filter(_ -> oneTransaction)
                                .map(held -> held.of(migration.getScript(), from, after)),
                        after.createdSince(from),
                        from.createdSince(after),
                        after.rewrittenSince(from));
        rehearsed.add(
                new RehearsedMigration(
                        migration,
                        State.RAN,
                        transactional,
                        Optional.empty(),
                        Optional.of(took),
                        Optional.of(measured)));
        before = after;
        current = null;
    }
}
