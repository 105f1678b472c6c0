package dbmigrate.local;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The instances of one function: a warm one where one is free, else a new one up to a maximum, else
 * the event waits. Unlike on Lambda an instance runs on between two events: nothing is frozen.
 */
final class FunctionPool implements AutoCloseable {
    private final HostedFunction function;
    private final Semaphore slots;
    private final Deque<Instance> free = new ArrayDeque<>();
    private final Set<Instance> all = new HashSet<>();
    private boolean closed;

    FunctionPool(HostedFunction function, int maximum) {
        this.function = function;
        this.slots = new Semaphore(maximum, true);
    }

    /**
     * Runs one event.
     *
     * @param patience how long it may wait for an instance
     */
    Outcome invoke(byte[] event, Duration patience) throws InterruptedException {
        if (!slots.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            return new Outcome.Throttled();
        }
        try {
            for (var warm = takeFree(); warm.isPresent(); warm = takeFree()) {
                var outcome = run(warm.get(), event);
                if (outcome.isPresent()) {
                    return outcome.get();
                }
            }
            return run(startNew(), event)
                    .orElse(new Outcome.Failed("its process ended before it took the event"));
        } catch (IOException e) {
            return new Outcome.Failed("its process does not start: " + e.getMessage());
        } finally {
            slots.release();
        }
    }

    private Optional<Outcome> run(Instance instance, byte[] event) throws InterruptedException {
        boolean ended = false;
        try {
            var outcome = instance.invoke(event);
            ended = outcome.isPresent();
            return outcome;
        } finally {
            giveBack(instance, ended);
        }
    }

    private synchronized Optional<Instance> takeFree() {
        while (!free.isEmpty()) {
            Instance instance = free.pop();
            if (instance.isAlive()) {
                return Optional.of(instance);
            }
            discard(instance);
        }
        return Optional.empty();
    }

    /** Under the lock, so that no child starts after {@link #close()}. */
    private synchronized Instance startNew() throws IOException {
        if (closed) {
            throw new IOException("the system is ending");
        }
        Instance instance = Instance.start(function);
        all.add(instance);
        return instance;
    }

    private synchronized void giveBack(Instance instance, boolean usable) {
        if (usable && instance.isAlive() && !closed) {
            free.push(instance);
        } else {
            discard(instance);
        }
    }

    private void discard(Instance instance) {
        instance.close();
        all.remove(instance);
    }

    /** The process ids of the instances that live. */
    synchronized List<Long> pids() {
        return all.stream().filter(Instance::isAlive).map(Instance::pid).toList();
    }

    @Override
    public synchronized void close() {
        closed = true;
        // All are ended before the first is waited for.
        all.forEach(Instance::kill);
        List.copyOf(all).forEach(this::discard);
    }
}
