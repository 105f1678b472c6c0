package dbmigrate.local;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;

/**
 * What has been started, so that all of it is ended, the newest first. One part starts at a time,
 * and closing waits for the one that is starting: it would otherwise outlive the end.
 */
final class Parts implements AutoCloseable {
    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private boolean closed;

    /**
     * Starts a part.
     *
     * @throws LocalException when it cannot start or the system is ending
     */
    synchronized <T extends AutoCloseable> T start(Callable<T> part) {
        if (closed) {
            throw new LocalException("Stopped while starting.");
        }
        try {
            T running = part.call();
            started.push(running);
            return running;
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new LocalException("A part of the system does not start.", e);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        while (!started.isEmpty()) {
            try {
                started.pop().close();
            } catch (Exception e) {
                System.err.println("While stopping: " + e);
            }
        }
    }
}
