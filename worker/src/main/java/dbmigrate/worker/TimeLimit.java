package dbmigrate.worker;

import java.time.Duration;
import java.util.function.IntSupplier;

/**
 * What Lambda leaves an attempt.
 *
 * @param remainingMillis until Lambda kills the function
 * @param reserve what roll-back and the row's last update need
 */
record TimeLimit(IntSupplier remainingMillis, Duration reserve) {
    private static final Duration LONGEST_RESERVE = Duration.ofSeconds(60);

    /** The heartbeat looks each second, and a statement on the row stands before it. */
    private static final Duration NOTICED_WITHIN = Duration.ofSeconds(2);

    /** Keeps 60 s in reserve, or a fifth of what there is where that is less. */
    static TimeLimit of(IntSupplier remainingMillis) {
        Duration fifth = Duration.ofMillis(remainingMillis.getAsInt() / 5);
        return new TimeLimit(
                remainingMillis, fifth.compareTo(LONGEST_RESERVE) < 0 ? fifth : LONGEST_RESERVE);
    }

    /** No limit: the worker runs outside Lambda. */
    static TimeLimit none() {
        return new TimeLimit(() -> Integer.MAX_VALUE, Duration.ZERO);
    }

    /** Whether only the reserve is left, or will be before the next look. */
    boolean isUp() {
        return remainingMillis.getAsInt() < reserve.plus(NOTICED_WITHIN).toMillis();
    }
}
