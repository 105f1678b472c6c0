package dbmigrate.worker;

import dbmigrate.log.Log;
import dbmigrate.process.Attempts;
import dbmigrate.process.Backend;
import dbmigrate.process.Claim;
import dbmigrate.process.Command;
import dbmigrate.process.Failure;
import dbmigrate.process.ProcessConnection;
import dbmigrate.process.ProcessRowsException;
import dbmigrate.process.Settlement;
import dbmigrate.queue.MigrationQueue;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One attempt at a claimed process:
 *
 * <ol>
 *   <li>the heartbeat starts;
 *   <li>what an earlier attempt left on the server is ended;
 *   <li>the target is opened, and created when it is missing and to be migrated; its session is
 *       noted;
 *   <li>the migration lock is taken, or the process given back;
 *   <li>where history and files agree in everything, that is all;
 *   <li>Flyway migrates, or does what else was asked for;
 *   <li>session and heartbeat end: a frozen function must hold nothing;
 *   <li>what came of it is written to the row, if it is still this attempt's.
 * </ol>
 *
 * @param keepMessage hides the message for some more time
 * @param time what Lambda leaves the attempt
 */
record AttemptRun(
        WorkerSettings settings,
        ProcessConnection rows,
        Claim.Claimed claimed,
        Supplier<MigrationQueue.Change> keepMessage,
        TimeLimit time,
        Log log) {
    /**
     * Runs the attempt and writes how it ended.
     *
     * @return what becomes of the message
     * @throws SQLException when the row could not be written
     */
    Ending run() throws SQLException {
        TargetSession session = new TargetSession();
        Heartbeat heartbeat =
                Heartbeat.start(
                        claimed.attempt(),
                        new ProcessConnection(settings.server()),
                        keepMessage,
                        session,
                        () -> SessionActivity.of(settings, claimed.request(), log),
                        time,
                        new RunningTime(settings.server().stackName(), log),
                        log);
        Ending ending;
        try (heartbeat;
                session) {
            ending = ending(session, heartbeat);
        }
        return new AttemptEnd(settings, rows, claimed, log)
                .written(Retries.limited(ending, claimed, settings));
    }

    private Ending ending(TargetSession session, Heartbeat heartbeat) {
        try {
            if (claimed.left().isPresent() && !new KnownBackend(rows, claimed.left().get()).end()) {
                return new Ending.GivenBack(
                        "the session of an earlier attempt is still rolling back",
                        Optional.empty(),
                        Retries.SOON);
            }
            claimed.left()
                    .ifPresent(left ->
                            log.with("backend", left.pid()).info("earlier session is gone"));
            if (claimed.cancelRequested()) {
                settleEarlier(session);
                dropScratch();
                return new Ending.Canceled();
            }
            if (claimed.request().command() == Command.UNKNOWN) {
                return Retries.later(
                        Failures.unknownCommand(claimed.command()), claimed.failures());
            }
            if (claimed.failures() >= settings.maxAttempts()) {
                settleEarlier(session);
                dropScratch();
                return new Ending.Failed(
                        Failures.workersDied(claimed.failures(), claimed.lastFailure()));
            }
            return run(session, heartbeat);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Ending.Superseded();
        } catch (SQLException | RuntimeException e) {
            return ending(e, heartbeat.stop());
        }
    }

    private Ending run(TargetSession session, Heartbeat heartbeat)
            throws SQLException, InterruptedException {
        TargetDatabase target = new TargetDatabase(settings, claimed.request().database());
        AttemptGuard guard = new AttemptGuard(heartbeat::stop, time);
        NothingPending nothingPending = NothingPending.begin(settings, claimed, attempts());
        if (claimed.request().command() == Command.MIGRATE) {
            return run(session, guard, target.open(), nothingPending);
        }
        Optional<Connection> existing = target.existing();
        if (existing.isEmpty()) {
            return withoutDatabase(session, guard, target);
        }
        TargetDatabase.Opened opened = new TargetDatabase.Opened(existing.get(), false);
        return run(session, guard, opened, nothingPending);
    }

    /** What only looks says so; nothing else has anything to do there. */
    private Ending withoutDatabase(TargetSession session, AttemptGuard guard, TargetDatabase target)
            throws SQLException, InterruptedException {
        Command command = claimed.request().command();
        if (command == Command.REHEARSE || command.isOnCopy()) {
            return rehearsal(session, guard).onNoDatabase();
        }
        if (!command.onlyReads()) {
            return new Ending.Failed(Failures.nothingTo(command, target.name()));
        }
        Connection maintenance = session.opened(target.maintenance());
        return new CommandRun(settings, claimed, attempts(), guard).onNoDatabase(maintenance);
    }

    private Ending run(
            TargetSession session,
            AttemptGuard guard,
            TargetDatabase.Opened opened,
            NothingPending nothingPending)
            throws SQLException, InterruptedException {
        Connection connection = session.opened(opened.connection());
        Backend backend = TargetDatabase.backend(connection);
        if (!attempts().opened(claimed.attempt(), backend)) {
            return new Ending.Superseded();
        }
        session.known(backend);
        if (opened.created()) {
            log.info("database created");
            attempts().databaseCreated(claimed.attempt());
        }
        if (!new MigrationLock(connection).take()) {
            log.info("lock not to be had");
            return MigrationLock.taken(claimed.attempt().number() - 1);
        }
        log.info("lock taken");
        Optional<Ending> nothing =
                opened.created() ? Optional.empty() : nothingPending.on(connection);
        if (nothing.isPresent()) {
            log.info("nothing is pending");
            return nothing.get();
        }
        return switch (claimed.request().command()) {
            case MIGRATE ->
                    new PatientRun(
                                    settings,
                                    claimed,
                                    attempts(),
                                    guard,
                                    session,
                                    this::failure,
                                    log)
                            .on(connection);
            case REHEARSE, REHEARSE_COPY, REHEARSE_COPY_STATISTICS ->
                    rehearsal(session, guard).on(connection);
            case INFO, VALIDATE, REPAIR, BASELINE, UNKNOWN ->
                    new CommandRun(settings, claimed, attempts(), guard).on(connection);
        };
    }

    /** The attempt before this one may have died over it. */
    private void dropScratch() {
        if (claimed.request().command().isRehearsal()) {
            ScratchDatabase.dropLeft(settings, log);
        }
    }

    private Rehearsal rehearsal(TargetSession session, AttemptGuard guard) {
        return new Rehearsal(settings, claimed, attempts(), guard, session, this::failure, log);
    }

    /**
     * The migration that an earlier attempt had begun stands in the row as what the history says of
     * it, also where this attempt runs none. Where the history cannot be read it is left out.
     */
    private void settleEarlier(TargetSession session) throws SQLException {
        if (claimed.unsettled().isEmpty()) {
            return;
        }
        Optional<Duration> applied = Optional.empty();
        try {
            TargetDatabase target = new TargetDatabase(settings, claimed.request().database());
            Connection connection = session.opened(target.connect());
            var flyway = new FlywayConfiguration(settings, claimed.request()).read();
            applied = FlywayHistory.of(connection, flyway).applied(claimed.unsettled().get());
        } catch (SQLException | RuntimeException e) {
            log.warn("the history could not be read; the last migration is not listed", e);
        }
        if (applied.isPresent()) {
            Settlement settlement = Settlement.appliedEarlier(applied.get());
            attempts().advance(claimed.attempt(), settlement, Optional.empty());
        } else {
            attempts().forgetCurrent(claimed.attempt());
        }
    }

    private Ending ending(Exception exception, Optional<Stop> stop) {
        Optional<AttemptStoppedException> stopped = AttemptStoppedException.in(exception);
        if (stopped.isPresent()) {
            return stopped.get().ending();
        }
        if (stop.isPresent()) {
            return switch (stop.get()) {
                case LOST -> new Ending.Superseded();
                case CANCEL_REQUESTED -> new Ending.Canceled(Failures.halfDone(exception));
                case TIME_IS_UP -> AttemptGuard.outOfTime();
            };
        }
        Failure failure = failure(exception);
        log.with("code", failure.code())
                .with("detail", failure.detail())
                .error("attempt failed", exception);
        // Of the rows' own statements every failure may pass: a row that is held, a slow server.
        boolean mayPass =
                Failures.in(exception, ProcessRowsException.class).isPresent()
                        || Retries.mayPass(exception)
                        || Retries.isLockOfTheHistory(claimed.request().command(), exception);
        return mayPass ? Retries.later(failure, claimed.failures()) : new Ending.Failed(failure);
    }

    private Failure failure(Exception exception) {
        String database = claimed.request().database();
        try {
            Masking masking =
                    new Masking(
                            new FlywayConfiguration(settings, claimed.request()).placeholders());
            return new Failures(settings, database, masking).of(exception);
        } catch (RuntimeException e) {
            // The configuration itself is what is wrong; then no placeholder was put anywhere.
            exception.addSuppressed(e);
            return new Failures(settings, database, new Masking(claimed.request().placeholders()))
                    .of(exception);
        }
    }

    private Attempts attempts() {
        return new Attempts(rows);
    }
}
