package dbmigrate.worker;

import dbmigrate.log.Log;
import dbmigrate.process.Attempt;
import dbmigrate.process.Attempts;
import dbmigrate.process.ProcessConnection;
import dbmigrate.queue.MigrationQueue;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Keeps an attempt's lease and its message while it works, on a thread and a connection of its own:
 * each second it renews the lease, every fifth time the message's visibility as well. Where either
 * turns out to be another's the attempt has lost, and {@code onLoss} runs once.
 */
final class Heartbeat implements AutoCloseable {
    private static final Duration BEAT = Duration.ofSeconds(1);
    private static final int BEATS_PER_VISIBILITY = 5;

    /**
     * Past this without an answer another attempt may be about to claim: the lease less a margin.
     */
    private static final Duration PATIENCE = Attempts.LEASE.minusSeconds(5);

    private final Attempt attempt;
    private final ProcessConnection rows;
    private final ReceivedMessage message;
    private final Runnable onLoss;
    private final Log log;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean lost;

    private Heartbeat(
            Attempt attempt,
            ProcessConnection rows,
            ReceivedMessage message,
            Runnable onLoss,
            Log log) {
        this.attempt = attempt;
        this.rows = rows;
        this.message = message;
        this.onLoss = onLoss;
        this.log = log;
        this.thread = Thread.ofPlatform().daemon().name("heartbeat").unstarted(this::run);
    }

    /**
     * Starts a heartbeat.
     *
     * @param rows a connection of its own, closed with the heartbeat
     */
    static Heartbeat start(
            Attempt attempt,
            ProcessConnection rows,
            ReceivedMessage message,
            Runnable onLoss,
            Log log) {
        Heartbeat heartbeat = new Heartbeat(attempt, rows, message, onLoss, log);
        heartbeat.thread.start();
        return heartbeat;
    }

    /** Whether the attempt has lost its lease or its message. */
    boolean lost() {
        return lost;
    }

    /** Ends the heartbeat and waits for its last beat, so that none comes after the row's end. */
    @Override
    public void close() throws SQLException {
        closed.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        rows.close();
    }

    private void run() {
        Attempts attempts = new Attempts(rows);
        long renewed = System.nanoTime();
        for (int beat = 1; !lost && !isClosedWithin(BEAT); beat++) {
            boolean mine = true;
            try {
                mine = attempts.renew(attempt);
                renewed = System.nanoTime();
            } catch (SQLException | RuntimeException e) {
                log.warn("the lease could not be renewed", e);
                mine = System.nanoTime() - renewed < PATIENCE.toNanos();
            }
            if (beat % BEATS_PER_VISIBILITY == 0) {
                mine &= message.keep() != MigrationQueue.Change.LOST;
            }
            if (!mine) {
                lost = true;
                log.warn("the attempt lost its lease or its message and stops");
                onLoss.run();
            }
        }
    }

    private boolean isClosedWithin(Duration time) {
        try {
            return closed.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
