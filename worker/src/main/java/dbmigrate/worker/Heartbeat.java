package dbmigrate.worker;

import dbmigrate.database.SqlState;
import dbmigrate.log.Log;
import dbmigrate.process.Attempt;
import dbmigrate.process.Attempts;
import dbmigrate.process.Backend;
import dbmigrate.process.Observation;
import dbmigrate.process.ProcessConnection;
import dbmigrate.process.Pulse;
import dbmigrate.process.Renewal;
import dbmigrate.queue.MigrationQueue;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps an attempt's lease and its message while it works, on a thread and a connection of its own.
 *
 * <ol>
 *   <li>Each second it looks at what the session does, writes that to the row and renews the lease
 *       with it, and learns whether the process is to be cancelled, and how long it has run. Where
 *       the look fails the lease is renewed without it, and the next looks are left out.
 *   <li>Every fifth time it renews the message's visibility as well, and looks whether the server
 *       still has the session: where the network lost it silently nobody tells the client, which
 *       would wait for its answer until Lambda ends it. It is cut off then, and the process given
 *       back.
 *   <li>Where the lease is another's by now it cuts the session off and ends.
 *   <li>Where the process is to be cancelled, or the time is up, it cancels the statement that
 *       runs, each second anew: a cancellation that comes between two statements does nothing.
 * </ol>
 */
final class Heartbeat implements AutoCloseable {
    private static final Duration BEAT = Duration.ofSeconds(1);
    private static final int BEATS_PER_VISIBILITY = 5;

    /** A look that failed may have taken seconds, and a connection; the next ones would, too. */
    private static final int BEATS_WITHOUT_A_LOOK = 30;

    /**
     * Past this without an answer another attempt may be about to claim: the lease less a margin.
     */
    private static final Duration PATIENCE = Attempts.LEASE.minusSeconds(5);

    private final Attempt attempt;
    private final ProcessConnection rows;
    private final Supplier<MigrationQueue.Change> keepMessage;
    private final TargetSession session;
    private final Supplier<SessionActivity> firstActivity;
    private final TimeLimit time;
    private final RunningTime runningTime;
    private final Log log;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private @Nullable SessionActivity activity;
    private boolean messageLost;
    private boolean hasFailedToLook;
    private int beatsUntilALook;
    private long renewed = System.nanoTime();
    private volatile @Nullable Stop stop;

    private Heartbeat(
            Attempt attempt,
            ProcessConnection rows,
            Supplier<MigrationQueue.Change> keepMessage,
            TargetSession session,
            Supplier<SessionActivity> activity,
            TimeLimit time,
            RunningTime runningTime,
            Log log) {
        this.attempt = attempt;
        this.rows = rows;
        this.keepMessage = keepMessage;
        this.session = session;
        this.firstActivity = activity;
        this.time = time;
        this.runningTime = runningTime;
        this.log = log;
        this.thread = Thread.ofPlatform().daemon().name("heartbeat").unstarted(this::run);
    }

    /**
     * Starts a heartbeat.
     *
     * @param rows a connection of its own, closed with the heartbeat
     * @param session what it looks at, and stops where the attempt is to stop
     * @param activity how it looks; made at the first look, which a short run ends before
     */
    static Heartbeat start(
            Attempt attempt,
            ProcessConnection rows,
            Supplier<MigrationQueue.Change> keepMessage,
            TargetSession session,
            Supplier<SessionActivity> activity,
            TimeLimit time,
            RunningTime runningTime,
            Log log) {
        Heartbeat heartbeat =
                new Heartbeat(
                        attempt, rows, keepMessage, session, activity, time, runningTime, log);
        heartbeat.thread.start();
        return heartbeat;
    }

    /** Why the attempt is to stop, once it is. */
    Optional<Stop> stop() {
        return Optional.ofNullable(stop);
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
        for (int beat = 1; stop != Stop.LOST && !isClosedWithin(BEAT); beat++) {
            switch (renewed()) {
                case LOST -> stop(Stop.LOST);
                case CANCEL_REQUESTED -> stop(Stop.CANCEL_REQUESTED);
                case RENEWED -> {
                    if (time.isUp()) {
                        stop(Stop.TIME_IS_UP);
                    }
                }
            }
            // Behind what the pulse asks for: the queue's answer may take seconds.
            if (beat % BEATS_PER_VISIBILITY == 0) {
                abortWhenGone();
                keepMessage();
            }
        }
    }

    private Pulse renewed() {
        Optional<Observation> seen = seen();
        try {
            Renewal renewal = new Attempts(rows).renew(attempt, seen);
            renewed = System.nanoTime();
            runningTime.is(renewal.running());
            return renewal.pulse();
        } catch (SQLException | RuntimeException e) {
            log.warn("the lease could not be renewed", e);
            return System.nanoTime() - renewed < PATIENCE.toNanos() ? Pulse.RENEWED : Pulse.LOST;
        }
    }

    private Optional<Observation> seen() {
        Optional<Backend> backend = session.backend();
        if (backend.isEmpty()) {
            return Optional.empty();
        }
        if (beatsUntilALook > 0) {
            beatsUntilALook--;
            return Optional.empty();
        }
        try {
            return rows.call(connection -> seen(backend.get(), connection));
        } catch (SQLException | RuntimeException e) {
            return unseen(e);
        }
    }

    /** What the server refuses to show is no fault of the connection, which is kept. */
    private Optional<Observation> seen(Backend backend, Connection connection) throws SQLException {
        if (activity == null) {
            activity = firstActivity.get();
        }
        try {
            return activity.of(backend, connection);
        } catch (SQLException e) {
            if (SqlState.isSessionGone(e)) {
                throw e;
            }
            return unseen(e);
        }
    }

    private Optional<Observation> unseen(Exception why) {
        beatsUntilALook = BEATS_WITHOUT_A_LOOK;
        if (!hasFailedToLook) {
            hasFailedToLook = true;
            log.warn("it could not be seen what the session does; the attempt goes on", why);
        }
        return Optional.empty();
    }

    /**
     * A message that is another worker's by now, because the queue could not be reached in time, is
     * no reason to stop: the lease keeps the process, and whoever has the message waits for its
     * end.
     */
    private void keepMessage() {
        if (!messageLost && keepMessage.get() == MigrationQueue.Change.LOST) {
            messageLost = true;
            log.warn(
                    "the message is another worker's by now; the attempt goes on, as it has the lease");
        }
    }

    private void abortWhenGone() {
        try {
            Optional<Backend> backend = session.backend();
            if (backend.isPresent() && !new KnownBackend(rows, backend.get()).isThere()) {
                log.warn(
                        "the server has ended the session without the client being told; it is cut off");
                session.abort();
            }
        } catch (SQLException | RuntimeException e) {
            log.warn("it is not known whether the server still has the session", e);
        }
    }

    private void stop(Stop reason) {
        if (stop != reason) {
            log.with("reason", reason).warn("the attempt is to stop; its statement is cancelled");
            stop = reason;
        }
        try {
            switch (reason) {
                case LOST -> session.abort();
                case CANCEL_REQUESTED, TIME_IS_UP -> session.cancelStatement();
            }
        } catch (SQLException e) {
            log.warn("the session could not be stopped", e);
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
