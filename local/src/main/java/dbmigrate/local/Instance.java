package dbmigrate.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One execution environment: a child JVM with the real runtime client, which takes one event at a
 * time.
 */
final class Instance implements AutoCloseable {
    /** Lambda's limit for loading the handler, which the function's time-out does not include. */
    private static final Duration INIT = Duration.ofSeconds(10);

    private final RuntimeApi api;
    private final Process process;
    private final Duration timeout;

    private Instance(RuntimeApi api, Process process, Duration timeout) {
        this.api = api;
        this.process = process;
        this.timeout = timeout;
    }

    static Instance start(HostedFunction function) throws IOException {
        var api = new RuntimeApi(function.arn(), function.timeout());
        try {
            var builder = new ProcessBuilder(function.command()).directory(function.taskRoot());
            builder.redirectErrorStream(true);
            // Nothing of local's own environment: a function gets what Lambda would give it.
            builder.environment().clear();
            builder.environment().putAll(function.environment());
            builder.environment().put("AWS_LAMBDA_RUNTIME_API", api.address());
            Process process = builder.start();
            process.getOutputStream().close();
            Threads.start(() -> print(function.name(), process));
            return new Instance(api, process, function.timeout());
        } catch (IOException e) {
            api.close();
            throw e;
        }
    }

    private static void print(String name, Process process) {
        try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
            lines.lines().forEach(line -> System.out.println("[" + name + "] " + line));
        } catch (IOException | RuntimeException e) {
            // The child was killed in the middle of a line.
        }
    }

    /** Completed when its handler is loaded and it asks for the first event. */
    CompletableFuture<Void> ready() {
        return api.ready();
    }

    /**
     * Completed when a function that {@link HostedFunction#snapStarted} is waits where Lambda takes
     * its snapshot. The first event restores it.
     */
    CompletableFuture<Void> snapshot() {
        return api.snapshot();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /**
     * Runs one event, and kills the child when its time is over.
     *
     * @return empty where the child was gone before it took the event, which somebody else may run
     *     then
     */
    Optional<Outcome> invoke(byte[] event) throws InterruptedException {
        var invocation = new Invocation(event);
        var exited = process.onExit();
        api.offer(invocation);
        // Lambda repeats an init that takes too long within the time-out of the invocation that
        // waits for it.
        if (!await(INIT.plus(timeout), invocation.taken, exited)) {
            return Optional.of(
                    killed(
                            "its handler did not load within %d s"
                                    .formatted(INIT.plus(timeout).toSeconds())));
        }
        if (!invocation.taken.isDone()) {
            return api.initError().map(Outcome.Failed::new);
        }
        if (!await(timeout, invocation.outcome, exited)) {
            return Optional.of(killed("timed out after %d s".formatted(timeout.toSeconds())));
        }
        return Optional.of(
                invocation.outcome.getNow(
                        new Outcome.Failed("its process ended in mid-invocation")));
    }

    private static boolean await(Duration limit, CompletableFuture<?>... either)
            throws InterruptedException {
        try {
            CompletableFuture.anyOf(either).get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private Outcome killed(String reason) {
        close();
        return new Outcome.Failed(reason);
    }

    /** SIGKILL, as Lambda ends what has run out of time. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    @Override
    public void close() {
        kill();
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        api.close();
    }
}
