package dbmigrate.worker;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * Says between two migrations whether an attempt may go on.
 *
 * @param lost whether its lease or its message is another's by now
 * @param remainingMillis what Lambda leaves it
 * @param limit with less than this no migration is begun
 */
record AttemptGuard(BooleanSupplier lost, IntSupplier remainingMillis, Duration limit) {
    private static final Duration LONGEST_LIMIT = Duration.ofSeconds(60);

    /** A guard whose limit is 60 s, or a fifth of the time-out where that is shorter. */
    static AttemptGuard of(BooleanSupplier lost, IntSupplier remainingMillis) {
        Duration fifth = Duration.ofMillis(remainingMillis.getAsInt() / 5);
        Duration limit = fifth.compareTo(LONGEST_LIMIT) < 0 ? fifth : LONGEST_LIMIT;
        return new AttemptGuard(lost, remainingMillis, limit);
    }

    /**
     * Asks whether the next migration may begin.
     *
     * @param connection the one that holds the migration lock
     * @throws AttemptStoppedException when it may not
     */
    void check(Connection connection) throws SQLException {
        if (lost.getAsBoolean()) {
            throw new AttemptStoppedException(new Ending.Superseded());
        }
        if (remainingMillis.getAsInt() < limit.toMillis()) {
            throw new AttemptStoppedException(
                    new Ending.GivenBack(
                            "the function's time was nearly over",
                            Optional.empty(),
                            Duration.ZERO));
        }
        if (!new MigrationLock(connection).takeAtOnce()) {
            throw new AttemptStoppedException(MigrationLock.taken());
        }
    }
}
