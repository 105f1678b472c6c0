package dbmigrate.worker;

import dbmigrate.database.SqlState;
import dbmigrate.log.Log;
import dbmigrate.process.Attempts;
import dbmigrate.process.Claim;
import dbmigrate.process.Failure;
import dbmigrate.process.ProcessConnection;
import dbmigrate.process.Settlement;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.IntSupplier;

/**
 * One attempt at a claimed process:
 *
 * <ol>
 *   <li>the heartbeat starts;
 *   <li>the target is opened, and created when it is missing;
 *   <li>the migration lock is taken, or the process given back;
 *   <li>Flyway runs;
 *   <li>session and heartbeat end: a frozen function must hold nothing;
 *   <li>what came of it is written to the row, if it is still this attempt's.
 * </ol>
 *
 * @param remainingMillis what Lambda leaves the function
 */
record AttemptRun(
        WorkerSettings settings,
        ProcessConnection rows,
        Claim.Claimed claimed,
        ReceivedMessage message,
        IntSupplier remainingMillis,
        Log log) {
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /**
     * Runs the attempt and writes how it ended.
     *
     * @return what becomes of the message
     * @throws SQLException when the row could not be written
     */
    Ending run() throws SQLException {
        if (claimed.failures() >= settings.maxAttempts()) {
            return written(
                    new Ending.Failed(
                            Failures.workersDied(claimed.failures(), claimed.lastFailure())));
        }
        TargetSession session = new TargetSession();
        Heartbeat heartbeat =
                Heartbeat.start(
                        claimed.attempt(),
                        new ProcessConnection(settings.server()),
                        message,
                        session::abort,
                        log);
        Ending ending;
        try (heartbeat;
                session) {
            ending = migrate(session, heartbeat);
        }
        return written(limited(ending));
    }

    private Ending migrate(TargetSession session, Heartbeat heartbeat) {
        try {
            TargetDatabase target = new TargetDatabase(settings, claimed.request().database());
            TargetDatabase.Opened opened = target.open();
            Connection connection = session.opened(opened.connection());
            if (opened.created()) {
                log.info("the database was missing and was created");
                attempts().databaseCreated(claimed.attempt());
            }
            if (!new MigrationLock(connection).take()) {
                return MigrationLock.taken();
            }
            AttemptGuard guard = AttemptGuard.of(heartbeat::lost, remainingMillis);
            RowCallback callback = new RowCallback(attempts(), claimed.attempt(), guard);
            return new MigrationRun(settings, claimed, attempts(), callback).on(connection);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Ending.Superseded();
        } catch (SQLException | RuntimeException e) {
            return ending(e, heartbeat);
        }
    }

    private Ending ending(Exception exception, Heartbeat heartbeat) {
        Optional<AttemptStoppedException> stop = stop(exception);
        if (stop.isPresent()) {
            return stop.get().ending();
        }
        if (heartbeat.lost()) {
            return new Ending.Superseded();
        }
        log.error("the attempt failed", exception);
        Failure failure = failure(exception);
        return SqlState.of(exception).filter(SqlState::mayPass).isPresent()
                ? new Ending.GivenBack("it failed and may pass", Optional.of(failure), pause())
                : new Ending.Failed(failure);
    }

    private Failure failure(Exception exception) {
        String database = claimed.request().database();
        try {
            Masking masking = new Masking(MigrationRun.placeholders(settings, claimed.request()));
            return new Failures(settings, database, masking).of(exception);
        } catch (RuntimeException e) {
            // The configuration itself is what is wrong; then no placeholder has been put anywhere.
            exception.addSuppressed(e);
            return new Failures(settings, database, new Masking(claimed.request().placeholders()))
                    .of(exception);
        }
    }

    /** What may pass does not get to pass for ever. */
    private Ending limited(Ending ending) {
        return ending instanceof Ending.GivenBack(String _, Optional<Failure> failure, Duration _)
                        && failure.isPresent()
                        && claimed.failures() + 1 >= settings.maxAttempts()
                ? new Ending.Failed(failure.get())
                : ending;
    }

    private Ending written(Ending ending) throws SQLException {
        boolean mine =
                switch (ending) {
                    case Ending.Completed(Optional<String> version) ->
                            attempts().complete(claimed.attempt(), version);
                    case Ending.Failed(Failure failure) ->
                            attempts()
                                            .advance(
                                                    claimed.attempt(),
                                                    Settlement.FAILED,
                                                    Optional.empty())
                                    && attempts().fail(claimed.attempt(), failure);
                    case Ending.GivenBack(String reason, Optional<Failure> failure, Duration _) ->
                            attempts().release(claimed.attempt(), reason, failure);
                    case Ending.Superseded() -> false;
                };
        return mine ? ending : new Ending.Superseded();
    }

    /** Doubles with each failure: 2 s, 4 s, 8 s. */
    private Duration pause() {
        Duration doubled = Duration.ofSeconds(2L << claimed.failures());
        return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }

    private Attempts attempts() {
        return new Attempts(rows);
    }

    /** Flyway wraps what a callback throws. */
    private static Optional<AttemptStoppedException> stop(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof AttemptStoppedException stop) {
                return Optional.of(stop);
            }
        }
        return Optional.empty();
    }
}
