package dbmigrate.worker;

import dbmigrate.database.SqlState;
import dbmigrate.process.Attempts;
import dbmigrate.process.Claim;
import dbmigrate.process.Failure;
import dbmigrate.process.Settlement;
import dbmigrate.warnings.Warning;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.output.MigrateResult;

/**
 * Flyway's run on a database whose lock is held.
 *
 * <ol>
 *   <li>Flyway says what is applied and what is pending; nothing to be found at all is an error.
 *   <li>A migration that an earlier attempt left unsettled is settled by what the history says.
 *   <li>What a migration without a transaction left half-done is cleared away, or the run ends.
 *   <li>What is dangerous about the pending ones is noted in the row, or ends the run.
 *   <li>Flyway migrates; {@link RowCallback} keeps the row up to date and ends the run where it
 *       must.
 *   <li>The last migration is settled, also of a run that fails: it may fail after that one's
 *       commit.
 * </ol>
 */
record MigrationRun(
        WorkerSettings settings,
        Claim.Claimed claimed,
        Attempts attempts,
        AttemptGuard guard,
        RowCallback callback,
        TargetSession session) {
    /** Runs every pending migration. */
    Ending on(Connection connection) throws SQLException {
        SingleConnection single = new SingleConnection(connection);
        FlywayConfiguration configuration = new FlywayConfiguration(settings, claimed.request());
        Optional<FoundFiles> alone = configuration.migrationsAlone();
        Flyway flyway =
                alone.map(files -> configuration.flyway(files, single, callback))
                        .orElseGet(() -> configuration.flyway(single, callback));
        Optional<Failure> endless = new EndlessCopy(flyway.getConfiguration()).inCallbacks();
        if (endless.isPresent()) {
            return new Ending.Failed(endless.get());
        }
        MigrationInfoService info = flyway.info();
        Optional<Failure> refused = refused(flyway, info);
        if (refused.isPresent()) {
            return new Ending.Failed(refused.get());
        }
        HalfDoneWork halfDone =
                new HalfDoneWork(
                        connection,
                        flyway.getConfiguration(),
                        attempts.rows(),
                        claimed.request().database());
        switch (halfDone.clear(info)) {
            case Clearing.Nothing() -> {}
            case Clearing.Cleared(List<String> done) -> {
                single.passOver(done);
                info = flyway.info();
            }
            case Clearing.Unclear(Failure failure) -> {
                return planned(info) ? new Ending.Failed(failure) : new Ending.Superseded();
            }
        }
        settleEarlier(info);
        if (!planned(info)) {
            return new Ending.Superseded();
        }
        if (info.pending().length > 0) {
            List<Warning> warnings =
                    new PendingWarnings(connection, flyway.getConfiguration()).of(info);
            Optional<String> noted = attempts.warned(claimed.attempt(), Warning.json(warnings));
            if (noted.isEmpty()) {
                return new Ending.Superseded();
            }
            Optional<Failure> dangerous = PendingWarnings.refused(noted.get(), warnings);
            if (settings.failOnWarning() && dangerous.isPresent()) {
                return new Ending.Failed(dangerous.get());
            }
        }
        Optional<MigrationVersion> before = SchemaVersion.of(info);
        Portions portions = new Portions(configuration, alone, single, callback);
        List<MigrateResult> results = migrated(portions, flyway, info, halfDone);
        callback.applied();
        if (callback.noted().isPresent()) {
            halfDone.settled(callback.noted().get().script());
        }
        attempts.advance(claimed.attempt(), Settlement.APPLIED, Optional.empty());
        return new Ending.Completed(
                SchemaVersion.after(before, results).map(MigrationVersion::getVersion));
    }

    private boolean planned(MigrationInfoService info) throws SQLException {
        return attempts.planned(
                claimed.attempt(),
                SchemaVersion.of(info).map(MigrationVersion::getVersion),
                info.pending().length);
    }

    private List<MigrateResult> migrated(
            Portions portions, Flyway flyway, MigrationInfoService info, HalfDoneWork halfDone)
            throws SQLException {
        try {
            return portions.migrate(flyway, info);
        } catch (FlywayException e) {
            session.settle();
            settleRow(e);
            Optional<String> markedIn = settleNote(flyway, halfDone, e);
            if (!Retries.mayPass(e)) {
                settleLast(flyway, e);
            }
            Optional<Failure> history = history(flyway, e);
            if (history.isPresent()) {
                throw new HistoryFailedException(history.get(), e);
            }
            Optional<String> script =
                    FlywayFailure.unreadable(info).or(() -> unfinished(flyway, e));
            if (script.isPresent()) {
                throw new RunFailedException(script.get(), markedIn, callback.failed(), e);
            }
            throw e;
        }
    }

    /** What the row does not know is rolled back; the one before is the last one then. */
    private void settleRow(FlywayException failure) {
        try {
            callback.settleRow();
        } catch (SQLException | AttemptStoppedException e) {
            failure.addSuppressed(e);
        }
    }

    /** The one that was begun last; what cannot be read once that is applied is a callback. */
    private Optional<String> unfinished(Flyway flyway, FlywayException failure) {
        if (!FlywayFailure.isOfParser(failure)) {
            return callback.begun();
        }
        MigrationInfoService info = flyway.info();
        return callback.begun().filter(script -> AppliedMigrations.find(info, script).isEmpty());
    }

    private static Optional<Failure> history(Flyway flyway, FlywayException failure) {
        try {
            return HistoryFailure.of(failure, flyway);
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
            return Optional.empty();
        }
    }

    /**
     * What failed before its first COMMIT is rolled back; of anything else is noted what stands.
     *
     * @return the history that now has the migration as failed, where a person has to look
     */
    private Optional<String> settleNote(
            Flyway flyway, HalfDoneWork halfDone, FlywayException failure) {
        Optional<MigrationScript> noted = callback.noted();
        try {
            Optional<String> unread =
                    callback.begun().filter(script -> FlywayFailure.isUnread(script, failure));
            if (unread.isPresent()) {
                halfDone.neverBegan(flyway.info(), unread.get());
            }
            if (unread.isPresent() || noted.isEmpty()) {
                return Optional.empty();
            }
            String script = noted.get().script();
            MigrationInfoService info = flyway.info();
            if (AppliedMigrations.find(info, script).isPresent()
                    || noted.get().isRolledBack(failure)) {
                halfDone.settled(script);
            } else if (!Retries.mayPass(failure)) {
                // Who asked to cancel gets no next attempt that could judge it.
                boolean cutOff =
                        guard.stop().get().filter(Stop.CANCEL_REQUESTED::equals).isEmpty()
                                && guard.stop().get().isPresent();
                return halfDone.failed(info, script, cutOff);
            }
        } catch (SQLException | RuntimeException e) {
            failure.addSuppressed(e);
        }
        return Optional.empty();
    }

    private void settleEarlier(MigrationInfoService info) throws SQLException {
        if (claimed.unsettled().isEmpty()) {
            return;
        }
        Optional<MigrationInfo> applied = AppliedMigrations.find(info, claimed.unsettled().get());
        if (applied.isPresent()) {
            Duration took = Duration.ofMillis(applied.get().getExecutionTime());
            attempts.advance(claimed.attempt(), Settlement.appliedEarlier(took), Optional.empty());
        } else {
            attempts.forgetCurrent(claimed.attempt());
        }
    }

    private void settleLast(Flyway flyway, FlywayException failure) {
        try {
            Optional<String> last = callback.inRow();
            if (last.isEmpty()) {
                return;
            }
            boolean runsAgain =
                    guard.stop().get().isPresent()
                            || SqlState.of(failure)
                                    .filter(SqlState.LOCK_NOT_AVAILABLE::equals)
                                    .isPresent();
            if (AppliedMigrations.find(flyway.info(), last.get()).isPresent()) {
                callback.applied();
                attempts.advance(claimed.attempt(), Settlement.APPLIED, Optional.empty());
            } else if (runsAgain) {
                attempts.forgetCurrent(claimed.attempt());
            } else {
                attempts.advance(claimed.attempt(), Settlement.FAILED, Optional.empty());
            }
        } catch (SQLException | RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    /** Why none of it is begun: no file, or one that Flyway would read for ever. */
    static Optional<Failure> refused(Flyway flyway, MigrationInfoService info) {
        return noMigrations(flyway, info).or(() -> EndlessCopy.inPending(info));
    }

    /** Nothing was found where the migrations should be. */
    static Optional<Failure> noMigrations(Flyway flyway, MigrationInfoService info) {
        return Stream.of(info.all()).anyMatch(one -> one.getState().isResolved())
                ? Optional.empty()
                : Optional.of(Failures.noMigrations(folders(flyway)));
    }

    private static String folders(Flyway flyway) {
        return Arrays.stream(flyway.getConfiguration().getLocations())
                .map(location -> location.getDescriptor())
                .collect(Collectors.joining(", "));
    }
}
