package dbmigrate.credentials;

import java.time.Duration;

/**
 * When something must be over.
 *
 * @param nanos of {@link System#nanoTime()}
 */
record Deadline(long nanos) {
    /** So long from now on. */
    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    /** What is left of it, and never less than nothing. */
    Duration left() {
        return Duration.ofNanos(Math.max(0, nanos - System.nanoTime()));
    }

    boolean isOver() {
        return left().isZero();
    }

    /** The earlier one of this and that which is so far from now. */
    Deadline atMost(Duration time) {
        return left().compareTo(time) < 0 ? this : in(time);
    }

    /**
     * Waits, but not past its end.
     *
     * @throws CredentialsException where the function's time ends the wait
     */
    void pause(Duration time) {
        try {
            Thread.sleep(left().compareTo(time) < 0 ? left() : time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CredentialsException("the function's time was over while it waited", e);
        }
    }
}
