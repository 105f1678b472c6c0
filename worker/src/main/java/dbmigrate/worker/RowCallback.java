package dbmigrate.worker;

import dbmigrate.process.Attempt;
import dbmigrate.process.Attempts;
import dbmigrate.process.NextMigration;
import dbmigrate.process.Settlement;
import java.sql.SQLException;
import java.util.Optional;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.jspecify.annotations.Nullable;

/**
 * Stands between two migrations: asks whether the next one may begin, and writes to the row that it
 * does.
 *
 * <p>Flyway reports the end of a migration before it commits it, so that a row written then could
 * call applied what is rolled back a moment later. The beginning of the next one is what proves the
 * commit of the one before; the last one is settled when Flyway has returned.
 */
final class RowCallback implements Callback {
    private final Attempts attempts;
    private final Attempt attempt;
    private final AttemptGuard guard;
    private @Nullable String begun;

    RowCallback(Attempts attempts, Attempt attempt, AttemptGuard guard) {
        this.attempts = attempts;
        this.attempt = attempt;
        this.guard = guard;
    }

    /** The script that was begun last; empty before the first one. */
    Optional<String> begun() {
        return Optional.ofNullable(begun);
    }

    @Override
    public boolean supports(Event event, Context context) {
        return event == Event.BEFORE_EACH_MIGRATE;
    }

    @Override
    public boolean canHandleInTransaction(Event event, Context context) {
        return true;
    }

    @Override
    public void handle(Event event, Context context) {
        try {
            guard.check(context.getConnection());
            if (!attempts.advance(attempt, Settlement.APPLIED, next(context.getMigrationInfo()))) {
                throw new AttemptStoppedException(new Ending.Superseded());
            }
            begun = context.getMigrationInfo().getScript();
        } catch (SQLException e) {
            throw new RowWriteException(e);
        }
    }

    @Override
    public String getCallbackName() {
        return "db-migrate row";
    }

    private static Optional<NextMigration> next(MigrationInfo migration) {
        return Optional.of(
                new NextMigration(
                        Optional.ofNullable(migration.getVersion())
                                .map(MigrationVersion::getVersion),
                        migration.getDescription(),
                        migration.getScript()));
    }
}
