package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * SnapStart, as far as it can be rehearsed without Lambda: the real runtime client runs the hooks
 * of the packaged functions, and each process goes on as though it were restored.
 */
@Tag("database")
class SnapStartTest {
    private static final String READY = "ready for the snapshot";

    @TempDir Path migrations;
    @TempDir Path workspace;
    private PackagedFunctions functions;

    @BeforeEach
    void start() throws Exception {
        new MigrationFolder(migrations).with("V1__a.sql", "create table a ()");
        functions = new PackagedFunctions(workspace, migrations);
    }

    @AfterEach
    void stop() {
        functions.close();
    }

    @Test
    void routersSnapshotHoldsNoSessionAndItsFirstRequestOpensOne() throws Exception {
        try (Printed printed = new Printed();
                Instance router = snapshot(PackagedFunctions.ROUTER)) {
            assertEquals(0, functions.sessions());
            assertReady(printed, PackagedFunctions.ROUTER);
            assertEquals(202, post(router).required("statusCode").intValue());
            assertEquals(1, functions.sessions());
        }
    }

    @Test
    void workersSnapshotHoldsNoSessionAndItsFirstMessageIsProcessed() throws Exception {
        JsonNode event = functions.received();
        functions.endInstances();
        Eventually.holds("the router's session is gone", () -> functions.sessions() == 0);
        try (Printed printed = new Printed();
                Instance worker = snapshot(PackagedFunctions.WORKER)) {
            assertEquals(0, functions.sessions());
            assertReady(printed, PackagedFunctions.WORKER);
            assertEquals("{\"batchItemFailures\":[]}", returned(worker, event));
            Eventually.holds("it has ended", () -> printed.has("process ended", "COMPLETED"));
        }
    }

    /** Two processes that have run the same hooks; two copies of one memory only Lambda makes. */
    @Test
    void restoredInstancesGiveDifferentIds() throws Exception {
        try (Instance one = snapshot(PackagedFunctions.ROUTER);
                Instance other = snapshot(PackagedFunctions.ROUTER)) {
            assertNotEquals(
                    PackagedFunctions.acceptedIn(post(one)),
                    PackagedFunctions.acceptedIn(post(other)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PackagedFunctions.ROUTER, PackagedFunctions.WORKER})
    void withoutSnapStartNothingOfItIsLoaded(String name) throws Exception {
        HostedFunction function = functions.function(name);
        var command = new ArrayList<>(function.command());
        command.add(1, "-Xlog:class+load");
        var telling =
                new HostedFunction(
                        name,
                        function.arn(),
                        function.timeout(),
                        function.taskRoot(),
                        command,
                        function.environment());
        JsonNode event =
                name.equals(PackagedFunctions.ROUTER)
                        ? PackagedFunctions.request("http-api-iam.json")
                        : functions.received();
        try (Printed printed = new Printed();
                Instance instance = Instance.start(telling)) {
            returned(instance, event);
            assertTrue(printed.has("dbmigrate.snapshot.SnapStart ", ""));
            assertFalse(printed.has("dbmigrate.snapshot.BeforeSnapshot", ""));
            assertFalse(printed.has(" org.crac.", ""));
            assertFalse(printed.has(READY, ""));
        }
    }

    private static void assertReady(Printed printed, String function) throws Exception {
        Eventually.holds("it is ready", () -> printed.has("[" + function + "]", READY));
        assertFalse(printed.has("a step before the snapshot failed", ""));
    }

    /** An instance that waits where Lambda takes its snapshot. */
    private Instance snapshot(String function) throws Exception {
        Instance instance = Instance.start(functions.function(function).snapStarted());
        instance.snapshot().get(60, TimeUnit.SECONDS);
        return instance;
    }

    private static JsonNode post(Instance router) throws Exception {
        return new JsonMapper()
                .readTree(returned(router, PackagedFunctions.request("http-api-iam.json")));
    }

    private static String returned(Instance instance, JsonNode event) throws Exception {
        Outcome outcome =
                instance.invoke(event.toString().getBytes(StandardCharsets.UTF_8)).orElseThrow();
        var answered = assertInstanceOf(Outcome.Answered.class, outcome, outcome::toString);
        return new String(answered.payload(), StandardCharsets.UTF_8);
    }
}
