package dbmigrate.worker;

import dbmigrate.database.SqlState;
import dbmigrate.process.Claim;
import dbmigrate.process.Command;
import dbmigrate.process.Failure;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** When what failed and may pass is tried again, and how often. */
final class Retries {
    /** What only has to wait a little. */
    static final Duration SOON = Duration.ofSeconds(2);

    private static final Duration LONGEST = Duration.ofSeconds(30);

    private Retries() {}

    /**
     * A pause that doubles, with up to a quarter more by chance, so that many do not come back at
     * once: 1 s, 2 s, 4 s, to 30 s.
     *
     * @param times how often it was tried before
     */
    static Duration pause(int times) {
        Duration doubled = Duration.ofSeconds(1L << Math.clamp(times, 0, 5));
        Duration cut = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
        return cut.plusMillis(ThreadLocalRandom.current().nextLong(1 + cut.toMillis() / 4));
    }

    /**
     * Whether the same work may succeed later without anybody changing anything. A connection's
     * SQLSTATE that the server itself gives to a statement of a script is the statement's: a NUL
     * byte, a RAISE, another server's.
     */
    static boolean mayPass(Throwable failure) {
        return SqlState.of(failure).filter(SqlState::mayPass).isPresent()
                && !StatementCode.isOfStatement(failure);
    }

    /**
     * Whether a command that runs no script did not get a lock in time: somebody holds the history
     * or a row of it.
     */
    static boolean isLockOfTheHistory(Command command, Throwable failure) {
        return switch (command) {
            case INFO, VALIDATE, REPAIR, BASELINE ->
                    SqlState.of(failure).filter(SqlState.LOCK_NOT_AVAILABLE::equals).isPresent();
            case MIGRATE, REHEARSE, REHEARSE_COPY, REHEARSE_COPY_STATISTICS, UNKNOWN -> false;
        };
    }

    /** Gives a process back after a failure that may pass. */
    static Ending later(Failure failure, int failures) {
        return new Ending.GivenBack(
                "it failed and may pass", Optional.of(failure), pause(failures + 1));
    }

    /** What may pass does not get to pass for ever. */
    static Ending limited(Ending ending, Claim.Claimed claimed, WorkerSettings settings) {
        return ending instanceof Ending.GivenBack(String _, Optional<Failure> failure, Duration _)
                        && failure.isPresent()
                        && claimed.failures() + 1 >= settings.maxAttempts()
                ? new Ending.Failed(failure.get())
                : ending;
    }
}
