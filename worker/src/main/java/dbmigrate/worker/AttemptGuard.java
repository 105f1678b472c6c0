package dbmigrate.worker;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Says between two migrations whether an attempt may go on.
 *
 * @param stop why the attempt is to stop, if it is
 * @param time what Lambda leaves it
 */
record AttemptGuard(Supplier<Optional<Stop>> stop, TimeLimit time) {
    /** The next attempt goes on at once, and nothing has failed. */
    static Ending outOfTime() {
        return new Ending.GivenBack(
                "the function's time was nearly over", Optional.empty(), Duration.ZERO);
    }

    /**
     * Asks whether the next migration may begin.
     *
     * @param connection the one that holds the migration lock
     * @param lockTimeout how long the migration's statements may wait for a lock
     * @throws AttemptStoppedException when it may not
     */
    void check(Connection connection, Duration lockTimeout) throws SQLException {
        if (stop.get().isPresent()) {
            throw new AttemptStoppedException(
                    switch (stop.get().get()) {
                        case LOST -> new Ending.Superseded();
                        case CANCEL_REQUESTED -> new Ending.Canceled();
                        case TIME_IS_UP -> outOfTime();
                    });
        }
        if (time.isUp()) {
            throw new AttemptStoppedException(outOfTime());
        }
        if (!new MigrationLock(connection).takeAgain(lockTimeout)) {
            throw new AttemptStoppedException(MigrationLock.taken(1));
        }
    }
}
