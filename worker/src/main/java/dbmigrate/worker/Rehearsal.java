package dbmigrate.worker;

import dbmigrate.log.Log;
import dbmigrate.process.Answer;
import dbmigrate.process.Attempts;
import dbmigrate.process.Backend;
import dbmigrate.process.Claim;
import dbmigrate.process.Command;
import dbmigrate.process.Failure;
import dbmigrate.warnings.Warning;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationVersion;

/**
 * Runs what is pending for real, and leaves nothing of it: in the target in one transaction that is
 * rolled back, or in a scratch database that is dropped.
 *
 * @param describe makes of an exception what a caller may read
 */
record Rehearsal(
        WorkerSettings settings,
        Claim.Claimed claimed,
        Attempts attempts,
        AttemptGuard guard,
        TargetSession session,
        Function<Exception, Failure> describe,
        Log log) {
    /**
     * Rehearses what is pending in a database that stands.
     *
     * @param connection with the migration lock
     */
    Ending on(Connection connection) throws SQLException, InterruptedException {
        try {
            return inPlace(connection);
        } catch (SQLException | RuntimeException e) {
            if (isOutOfTime(e)) {
                return outOfTime();
            }
            throw e;
        }
    }

    /** It has no next attempt, which would take as long. */
    private boolean isOutOfTime(Exception failure) {
        return AttemptStoppedException.in(failure).isEmpty()
                && guard.stop().get().equals(Optional.of(Stop.TIME_IS_UP));
    }

    private static Ending outOfTime() {
        return new Ending.Failed(RehearsalFailure.outOfTime());
    }

    private Ending inPlace(Connection connection) throws SQLException, InterruptedException {
        Flyway flyway =
                new FlywayConfiguration(settings, claimed.request())
                        .onlyLooking(new SingleConnection(connection));
        MigrationInfoService info = flyway.info();
        Optional<Failure> halfDone = halfDone(connection, flyway, info);
        if (halfDone.isPresent()) {
            return new Ending.Failed(halfDone.get());
        }
        // Before it begins: what stands is the target's, and no lock is held while SQL is read.
        List<Warning> warnings =
                new PendingWarnings(connection, flyway.getConfiguration()).of(info);
        return claimed.request().command().isOnCopy()
                ? onCopy(connection, warnings)
                : onTarget(connection, warnings);
    }

    /** What a person has to look at first, before which a migration would end as well. */
    private Optional<Failure> halfDone(
            Connection connection, Flyway flyway, MigrationInfoService info) throws SQLException {
        return HalfDoneFindings.of(
                        connection,
                        flyway.getConfiguration(),
                        attempts.rows(),
                        claimed.request().database(),
                        info)
                .failures()
                .stream()
                .findFirst();
    }

    /** Rehearses what is pending in a database that does not stand: in an empty one. */
    Ending onNoDatabase() throws SQLException, InterruptedException {
        String database = claimed.request().database();
        if (!settings.databases().mayCreate(database)) {
            throw new DatabaseMissingException(database);
        }
        try {
            return inScratch(Optional.empty(), List.of());
        } catch (SQLException | RuntimeException e) {
            if (isOutOfTime(e)) {
                return outOfTime();
            }
            throw e;
        }
    }

    private Ending onTarget(Connection connection, List<Warning> warnings) throws SQLException {
        RehearsalLimit.bind(
                connection, settings.rehearsalLimit(), RehearsalRun.lockTimeout(settings));
        SequencePositions sequences = SequencePositions.read(connection);
        try {
            return inOneTransaction(connection, warnings);
        } finally {
            sequences.putBackBehind(
                    connection, new TargetDatabase(settings, claimed.request().database()), log);
        }
    }

    private Ending inOneTransaction(Connection connection, List<Warning> warnings)
            throws SQLException {
        long begun = System.nanoTime();
        try (RehearsalLimit limit = RehearsalLimit.start(settings.rehearsalLimit(), session)) {
            RehearsalRun.Outcome outcome;
            try {
                RehearsalTransaction transaction =
                        RehearsalTransaction.begin(
                                connection, limit, RehearsalRun.lockTimeout(settings));
                outcome =
                        run(RehearsalPlace.TARGET, transaction::objection, limit::isOver)
                                .on(transaction.decorated(), connection);
            } catch (SQLException | RuntimeException e) {
                if (limit.isOver() && guard.stop().get().isEmpty()) {
                    return new Ending.Failed(RehearsalFailure.limitIsOver(settings));
                }
                throw e;
            } finally {
                session.settle();
                rollback(connection);
            }
            return answered(
                    outcome,
                    new RehearsalReport(
                            false,
                            true,
                            Optional.of(settings.rehearsalLimit()),
                            Duration.ofNanos(System.nanoTime() - begun),
                            List.of(),
                            outcome.migrations(),
                            warnings));
        }
    }

    /** The server rolls back as well when the session is lost. */
    private void rollback(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            log.warn("the rehearsal's session is lost; the server rolls back", e);
        }
    }

    private Ending onCopy(Connection target, List<Warning> warnings)
            throws SQLException, InterruptedException {
        SchemaCopy copy =
                SchemaCopy.read(
                        target,
                        new FlywayConfiguration(settings, claimed.request()),
                        claimed.request().command() == Command.REHEARSE_COPY_STATISTICS);
        // Who migrates meanwhile need not wait.
        session.close();
        return inScratch(Optional.of(copy), warnings);
    }

    private Ending inScratch(Optional<SchemaCopy> copy, List<Warning> warnings)
            throws SQLException, InterruptedException {
        long begun = System.nanoTime();
        try (ScratchDatabase scratch =
                ScratchDatabase.create(
                        settings,
                        claimed.attempt(),
                        copy.map(SchemaCopy::locale).orElse(""),
                        log)) {
            Connection connection = session.opened(scratch.connect());
            Backend backend = TargetDatabase.backend(connection);
            if (!attempts.opened(claimed.attempt(), backend)) {
                return new Ending.Superseded();
            }
            session.known(backend);
            List<String> notCopied = List.of();
            if (copy.isPresent()) {
                SchemaCopy.Made made = copy.get().into(connection);
                if (made.failure().isPresent()) {
                    return new Ending.Failed(made.failure().get());
                }
                notCopied = made.notCopied();
            }
            if (!new MigrationLock(connection).take()) {
                return MigrationLock.taken(claimed.attempt().number() - 1);
            }
            RehearsalRun.Outcome outcome =
                    run(RehearsalPlace.SCRATCH, Optional::empty, () -> false)
                            .on(connection, connection);
            session.settle();
            session.close();
            return answered(
                    outcome,
                    new RehearsalReport(
                            true,
                            copy.isPresent(),
                            Optional.empty(),
                            Duration.ofNanos(System.nanoTime() - begun),
                            notCopied,
                            outcome.migrations(),
                            warnings));
        } finally {
            session.settle();
            session.close();
        }
    }

    private RehearsalRun run(
            RehearsalPlace place, Supplier<Optional<String>> objection, BooleanSupplier isOver) {
        return new RehearsalRun(settings, claimed, guard, place, objection, isOver, describe, log);
    }

    private Ending answered(RehearsalRun.Outcome outcome, RehearsalReport report)
            throws SQLException {
        Optional<String> version =
                SchemaVersion.of(outcome.before()).map(MigrationVersion::getVersion);
        // A migration would be refused; what was measured is said all the same.
        Optional<Failure> failure =
                outcome.failure()
                        .or(() ->
                                settings.failOnWarning()
                                        ? PendingWarnings.refused(report.warnings())
                                        : Optional.empty());
        return attempts.planned(claimed.attempt(), version, 0)
                ? new Ending.Answered(new Answer(version, report.json(), failure))
                : new Ending.Superseded();
    }
}
