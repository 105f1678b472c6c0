package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FunctionPoolTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir Path home;
    @TempDir Path workspace;
    private final List<FunctionPool> pools = new ArrayList<>();
    private TestProject project;

    @BeforeEach
    void makeProject() throws IOException {
        project = TestProject.in(home);
    }

    @AfterEach
    void endChildren() {
        pools.forEach(FunctionPool::close);
    }

    @Test
    void warmInstanceIsReused() throws Exception {
        var pool = pool(20, 3, Map.of());
        assertEquals(answer(pool, "pid"), answer(pool, "pid"));
    }

    @Test
    void eventsThatComeTogetherGetInstancesOfTheirOwn() throws Exception {
        var pool = pool(20, 2, Map.of());
        var first = CompletableFuture.supplyAsync(() -> answer(pool, "meet"));
        var second = CompletableFuture.supplyAsync(() -> answer(pool, "meet"));
        assertNotEquals(first.get(), second.get());
        assertEquals(2, pool.pids().size());
    }

    @Test
    void eventIsThrottledWhileAllInstancesAreBusy() throws Exception {
        var pool = pool(20, 1, Map.of());
        answer(pool, "pid");
        var busy = CompletableFuture.supplyAsync(() -> invoke(pool, "sleep", PATIENCE));
        Eventually.holds(
                "the only instance is busy",
                () -> invoke(pool, "pid", Duration.ZERO) instanceof Outcome.Throttled);
        pool.close();
        assertInstanceOf(Outcome.Failed.class, busy.get());
    }

    @Test
    void timeOutKillsTheInstanceAndTheNextEventGetsANewOne() throws Exception {
        var pool = pool(1, 1, Map.of());
        String before = answer(pool, "pid");
        var failed = assertInstanceOf(Outcome.Failed.class, invoke(pool, "sleep", PATIENCE));
        assertEquals("timed out after 1 s", failed.reason());
        assertTrue(pool.pids().isEmpty());
        assertNotEquals(before, answer(pool, "pid"));
    }

    @Test
    void functionIsToldHowMuchTimeItHas() throws Exception {
        int left = Integer.parseInt(answer(pool(20, 1, Map.of()), "deadline"));
        assertTrue(left > 10_000 && left <= 20_000, () -> "milliseconds left: " + left);
    }

    @Test
    void invocationFailsWhenItsInstanceDiesAndTheNextEventGetsANewOne() throws Exception {
        var pool = pool(20, 1, Map.of());
        var failed = assertInstanceOf(Outcome.Failed.class, invoke(pool, "exit", PATIENCE));
        assertEquals("its process ended in mid-invocation", failed.reason());
        assertTrue(Long.parseLong(answer(pool, "pid")) > 0);
    }

    @Test
    void instanceThatDiedIdleIsReplacedAtTheNextEvent() throws Exception {
        var pool = pool(20, 1, Map.of());
        long idle = Long.parseLong(answer(pool, "pid"));
        ProcessHandle.of(idle).orElseThrow().destroyForcibly();
        // One that still dies may be given the event, which fails with it, as on Lambda.
        Eventually.holds("the instance is gone", () -> pool.pids().isEmpty());
        assertNotEquals(Long.toString(idle), answer(pool, "pid"));
    }

    @Test
    void exceptionOfTheHandlerFailsTheInvocationAndKeepsTheInstance() throws Exception {
        var pool = pool(20, 1, Map.of());
        String before = answer(pool, "pid");
        var failed = assertInstanceOf(Outcome.Failed.class, invoke(pool, "fail", PATIENCE));
        assertEquals("java.lang.IllegalStateException: told to fail", failed.reason());
        assertEquals(before, answer(pool, "pid"));
    }

    @Test
    void functionSeesOnlyWhatLambdaAndTheTemplateGiveIt() throws Exception {
        var names =
                Arrays.stream(
                                answer(pool(20, 1, Map.of("DB_TYPE", "postgresql")), "environment")
                                        .split("\\|"))
                        .map(variable -> variable.split("=")[0])
                        .toList();
        assertEquals(
                List.of(
                        "AWS_ACCESS_KEY_ID",
                        "AWS_DEFAULT_REGION",
                        "AWS_EXECUTION_ENV",
                        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                        "AWS_LAMBDA_FUNCTION_NAME",
                        "AWS_LAMBDA_FUNCTION_VERSION",
                        "AWS_LAMBDA_INITIALIZATION_TYPE",
                        "AWS_LAMBDA_LOG_GROUP_NAME",
                        "AWS_LAMBDA_LOG_STREAM_NAME",
                        "AWS_LAMBDA_RUNTIME_API",
                        "AWS_REGION",
                        "AWS_SECRET_ACCESS_KEY",
                        "AWS_SESSION_TOKEN",
                        "DB_TYPE",
                        "LAMBDA_TASK_ROOT",
                        "LANG",
                        "NOTES",
                        "PATH",
                        "TZ",
                        "_HANDLER"),
                names);
    }

    @Test
    void commandLineOfAnInstanceEndsWithItsHandler() throws Exception {
        var pool = pool(20, 1, Map.of());
        long pid = Long.parseLong(answer(pool, "pid"));
        assertTrue(
                ProcessHandle.of(pid)
                        .flatMap(process -> process.info().commandLine())
                        .orElseThrow()
                        .endsWith("ObedientHandler::handleRequest"));
    }

    @Test
    void closedPoolStartsNothing() throws Exception {
        var pool = pool(20, 1, Map.of());
        pool.close();
        assertInstanceOf(Outcome.Failed.class, invoke(pool, "pid", PATIENCE));
        assertTrue(pool.pids().isEmpty());
    }

    private FunctionPool pool(int seconds, int maximum, Map<String, String> handedOn)
            throws IOException {
        var pool =
                new FunctionPool(
                        project.function(workspace, Duration.ofSeconds(seconds), handedOn),
                        maximum);
        pools.add(pool);
        return pool;
    }

    private static String answer(FunctionPool pool, String word) {
        var answered = assertInstanceOf(Outcome.Answered.class, invoke(pool, word, PATIENCE));
        return new String(answered.payload(), StandardCharsets.UTF_8).replace("\"", "");
    }

    private static Outcome invoke(FunctionPool pool, String word, Duration patience) {
        try {
            return pool.invoke(("\"" + word + "\"").getBytes(StandardCharsets.UTF_8), patience);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
