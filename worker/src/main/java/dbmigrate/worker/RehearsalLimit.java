package dbmigrate.worker;

import java.sql.Connection;
import java.sql.PreparedStatement;
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
    private static final Duration PATIENCE = Duration.ofSeconds(2);

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

    /**
     * Bounds the session by the server's own means: a function that is frozen meanwhile, or cut
     * off, must not hold the locks for longer.
     *
     * @param lockTimeout how long a statement may wait for a lock
     */
    static void bind(Connection connection, Duration limit, Duration lockTimeout)
            throws SQLException {
        String sql =
                """
                select count(set_config(known.name, wanted.value, false))
                from (values ('idle_in_transaction_session_timeout', ?),
                             ('transaction_timeout', ?),
                             ('statement_timeout', ?),
                             ('lock_timeout', ?)) as wanted (name, value)
                join pg_settings known on known.name = wanted.name
                """;
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, limit.toMillis() + "ms");
            // Behind the limit's own, which can say how far it came.
            String behind = limit.plus(PATIENCE).toMillis() + "ms";
            select.setString(2, behind);
            select.setString(3, behind);
            // Callbacks run before the first migration sets it.
            select.setString(4, lockTimeout.toMillis() + "ms");
            select.execute();
        }
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
