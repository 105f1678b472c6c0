package dbmigrate.worker;

import dbmigrate.database.SqlState;
import dbmigrate.log.Log;
import dbmigrate.process.Attempts;
import dbmigrate.process.Claim;
import dbmigrate.process.Failure;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * Runs Flyway until it is through, with patience for two things that are nobody's mistake.
 *
 * <ul>
 *   <li>A migration that waits longer for a lock than {@code LOCK_TIMEOUT} is rolled back, so that
 *       the application's statements do not queue behind it, and tried again after a pause that
 *       grows.
 *   <li>A migration that is still running when the function's time is up is cancelled. When it was
 *       the first one of this attempt, and had most of the time that Lambda gives, the process is
 *       FAILED; else the next attempt gives it that. Where even the first one began late (a cold
 *       start, a busy server) this attempt counts as failed, so that it does not go on for ever.
 * </ul>
 *
 * @param describe makes of an exception what a caller may read
 */
record PatientRun(
        WorkerSettings settings,
        Claim.Claimed claimed,
        Attempts attempts,
        AttemptGuard guard,
        TargetSession session,
        Function<Exception, Failure> describe,
        Log log) {
    /** With the pauses of {@link Retries#pause} about ten minutes. */
    private static final int LOCK_TRIES = 20;

    private static final Duration STEP = Duration.ofMillis(250);

    Ending on(Connection opened) throws SQLException, InterruptedException {
        Connection connection = PipelinedConnection.of(opened);
        for (int tries = 0; ; tries++) {
            RowCallback callback =
                    new RowCallback(
                            attempts,
                            claimed.attempt(),
                            guard,
                            settings.lockTimeout(),
                            claimed.request().database(),
                            log);
            session.begin();
            try (callback) {
                return new MigrationRun(settings, claimed, attempts, guard, callback, session)
                        .on(connection);
            } catch (SQLException | RuntimeException e) {
                Optional<Stop> stop = guard.stop().get();
                if (stop.equals(Optional.of(Stop.TIME_IS_UP))
                        && callback.count() == 1
                        && tries == 0) {
                    return outOfTime(describe.apply(e), callback);
                }
                boolean again =
                        isLockTimeout(e) && !isMarked(e) && stop.isEmpty() && tries < LOCK_TRIES;
                if (!again) {
                    throw e;
                }
                callback.begun()
                        .map(script -> log.with("script", script))
                        .orElse(log)
                        .info("a migration did not get a lock in time and is tried again");
                attempts.retries(
                        claimed.attempt(),
                        "a lock was not to be had in time; it was rolled back and tried again",
                        describe.apply(e));
                pause(Retries.pause(tries));
            }
        }
    }

    private Ending outOfTime(Failure cancelled, RowCallback callback) {
        boolean stands = callback.noted().isPresent();
        Failure failure = Failures.outOfTime(cancelled, stands);
        return stands || guard.time().wasMostly(callback.running())
                ? new Ending.Failed(failure)
                : Retries.later(failure, claimed.failures());
    }

    private static boolean isLockTimeout(Exception exception) {
        return SqlState.of(exception).filter(SqlState.LOCK_NOT_AVAILABLE::equals).isPresent();
    }

    /** Whether a part of it stands, so that it cannot be run again before a person has looked. */
    private static boolean isMarked(Exception exception) {
        return Failures.in(exception, RunFailedException.class)
                .flatMap(RunFailedException::markedIn)
                .isPresent();
    }

    /**
     * Ends early when the attempt is to stop; the next run finds that out before its first step.
     */
    private void pause(Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end && guard.stop().get().isEmpty() && !guard.time().isUp()) {
            Thread.sleep(STEP);
        }
    }
}
