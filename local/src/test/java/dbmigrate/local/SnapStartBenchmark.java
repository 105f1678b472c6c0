package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long the first event takes: from the start of the process (cold), from the restore of a
 * snapshot without hooks, and with them. It asserts nothing, and no build runs it: {@code mvn
 * verify -Dtest=SnapStartBenchmark -Dsurefire.failIfNoSpecifiedTests=false} prints medians of 7.
 */
class SnapStartBenchmark {
    private static final int ROUNDS = 7;

    @TempDir Path migrations;
    @TempDir Path workspace;
    private PackagedFunctions functions;

    @BeforeEach
    void start() throws Exception {
        new MigrationFolder(migrations).with("V1__a.sql", "create table a ()");
        functions = new PackagedFunctions(workspace, migrations);
        // From here on the database stands and nothing is pending.
        functions.returned(PackagedFunctions.WORKER, functions.received());
    }

    @AfterEach
    void stop() {
        functions.close();
    }

    @Test
    void router() throws Exception {
        print(PackagedFunctions.ROUTER, () -> PackagedFunctions.request("http-api-iam.json"));
    }

    @Test
    void worker() throws Exception {
        print(PackagedFunctions.WORKER, functions::received);
    }

    @FunctionalInterface
    private interface Events {
        JsonNode next() throws Exception;
    }

    private void print(String name, Events events) throws Exception {
        HostedFunction cold = functions.function(name);
        HostedFunction primed = cold.snapStarted();
        // Without the property org.crac finds no context, and the hooks do not run.
        HostedFunction unprimed =
                new HostedFunction(
                        name,
                        cold.arn(),
                        cold.timeout(),
                        cold.taskRoot(),
                        cold.command(),
                        primed.environment());
        long[][] nanos = new long[3][ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            nanos[0][round] = cold(cold, events.next());
            nanos[1][round] = restored(unprimed, events.next());
            nanos[2][round] = restored(primed, events.next());
        }
        long whole = median(nanos[0]);
        System.out.printf(
                "%s, first event: cold %d ms (1), restored without hooks %d ms (%.2f), with hooks %d"
                        + " ms (%.2f)%n",
                name,
                millis(whole),
                millis(median(nanos[1])),
                (double) median(nanos[1]) / whole,
                millis(median(nanos[2])),
                (double) median(nanos[2]) / whole);
    }

    private static long cold(HostedFunction function, JsonNode event) throws Exception {
        long begun = System.nanoTime();
        try (Instance instance = Instance.start(function)) {
            return answered(instance, event, begun);
        }
    }

    private static long restored(HostedFunction function, JsonNode event) throws Exception {
        try (Instance instance = Instance.start(function)) {
            instance.snapshot().get(60, TimeUnit.SECONDS);
            return answered(instance, event, System.nanoTime());
        }
    }

    private static long answered(Instance instance, JsonNode event, long begun) throws Exception {
        var outcome =
                instance.invoke(event.toString().getBytes(StandardCharsets.UTF_8)).orElseThrow();
        long took = System.nanoTime() - begun;
        assertInstanceOf(Outcome.Answered.class, outcome, outcome::toString);
        return took;
    }

    private static long median(long[] nanos) {
        return Arrays.stream(nanos).sorted().skip(ROUNDS / 2).findFirst().orElseThrow();
    }

    private static long millis(long nanos) {
        return Duration.ofNanos(nanos).toMillis();
    }
}
