package dbmigrate.worker;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Bounds how long a rehearsal may hold its locks. When its time is over the statement that runs is
 * cancelled, again and again, since a cancellation between two statements does nothing; where even
 * that does not help the session is cut off.
 */
final class RehearsalLimit implements AutoCloseable {
    private static final Duration AGAIN = Duration.ofMillis(100);

    /** How long a statement may take to obey, and Flyway to read the script that it is reading. */
    static final Duration PATIENCE = Duration.ofSeconds(2);

    private final TargetSession session;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean over;

    private RehearsalLimit(Duration limit, TargetSession session) {
        this.session = session;
        this.thread =
                Thread.ofPlatform().daemon().name("rehearsal-limit").unstarted(() -> run(limit));
    }

    /** Begins to count. */
    static RehearsalLimit start(Duration limit, TargetSession session) {
        RehearsalLimit started = new RehearsalLimit(limit, session);
        started.thread.start();
        return started;
    }

    /** Whether the time is over. */
    boolean isOver() {
        return over;
    }

    private void run(Duration limit) {
        if (isClosedWithin(limit)) {
            return;
        }
        over = true;
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        do {
            try {
                if (System.nanoTime() < deadline) {
                    session.cancelStatement();
                } else {
                    session.abort();
                    return;
                }
            } catch (SQLException e) {
                // The next one may get there; in the end the session is cut off.
            }
        } while (!isClosedWithin(AGAIN));
    }

    private boolean isClosedWithin(Duration time) {
        try {
            return closed.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Ends the counting; no cancellation comes later. */
    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
