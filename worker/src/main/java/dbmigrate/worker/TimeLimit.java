package dbmigrate.worker;

import java.time.Duration;
import java.util.function.IntSupplier;

/**
 * What Lambda leaves an attempt.
 *
 * @param remainingMillis until Lambda kills the function
 * @param reserve what roll-back and the row's last update need
 * @param whole what there is without it when an attempt begins
 */
record TimeLimit(IntSupplier remainingMillis, Duration reserve, Duration whole) {
    private static final Duration LONGEST_RESERVE = Duration.ofSeconds(60);

    /** The heartbeat looks each second, and a statement on the row stands before it. */
    private static final Duration NOTICED_WITHIN = Duration.ofSeconds(2);

    /** Keeps 60 s in reserve, or a fifth of what there is where that is less. */
    static TimeLimit of(IntSupplier remainingMillis) {
        Duration all = Duration.ofMillis(remainingMillis.getAsInt());
        Duration fifth = all.dividedBy(5);
        Duration reserve = fifth.compareTo(LONGEST_RESERVE) < 0 ? fifth : LONGEST_RESERVE;
        return new TimeLimit(remainingMillis, reserve, all.minus(reserve));
    }

    /** No limit: the worker runs outside Lambda. */
    static TimeLimit none() {
        Duration all = Duration.ofMillis(Integer.MAX_VALUE);
        return new TimeLimit(() -> Integer.MAX_VALUE, Duration.ZERO, all);
    }

    /** Whether only the reserve is left, or will be before the next look. */
    boolean isUp() {
        return remainingMillis.getAsInt() < reserve.plus(NOTICED_WITHIN).toMillis();
    }

    /** Whether something that has run for so long had most of it. */
    boolean wasMostly(Duration running) {
        return running.multipliedBy(2).compareTo(whole) >= 0;
    }
}
