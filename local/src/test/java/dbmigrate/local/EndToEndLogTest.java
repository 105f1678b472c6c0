package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dbmigrate.testing.TestPostgres;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the functions write to the log, as CloudWatch gets it. */
@Tag("database")
class EndToEndLogTest {
    private static final TestPostgres POSTGRES = TestPostgres.shared();
    private static final JsonMapper JSON = new JsonMapper();
    private static final String ROUTER = "RouterFunction";
    private static final String WORKER = "WorkerFunction";
    private static final String DEAD_LETTERS = "DeadLetterFunction";
    private static final byte[] NOTHING = new byte[0];

    @TempDir static Path folder;
    private static RunningSystem system;

    @BeforeAll
    static void start() {
        new MigrationFolder(folder)
                .with("V1__gate.sql", MigrationFolder.GATE)
                .with("V2__wait.sql", MigrationFolder.WAITING)
                .with(
                        "V3__fails.sql",
                        "do $$ begin if current_database() like '%fails%' then"
                                + " raise exception 'x'; end if; end $$");
        system = RunningSystem.start(folder, Map.of());
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    @Test
    void everyStepHasALineAndEveryEndItsMetrics() throws Exception {
        String database = RunningSystem.newDatabase();
        String failing = RunningSystem.newDatabase() + "_fails";
        try (Printed printed = new Printed()) {
            String completed = system.accepted(database);
            system.running(completed, "V2__wait.sql");
            POSTGRES.execute(
                    "postgres",
                    "update db_migrate.process set started_at = started_at - interval '2 h' where id = '%s'"
                            .formatted(completed));
            Eventually.holds(
                    "the worker tells how long the process has run",
                    () -> printed.has(completed, "\"RunningTime\":72"));
            String canceled = system.accepted(database);
            system.send("POST", "/db-migrate/" + canceled + "/cancel?password=s3cret", NOTHING);
            String abandoned = system.accepted(database);
            system.deadLetter("{\"processId\":\"%s\"}".formatted(abandoned));
            system.failed(abandoned);
            POSTGRES.execute(database, MigrationFolder.OPEN_GATE);
            system.completed(completed);
            String failed = system.accepted(failing);
            system.running(failed, "V2__wait.sql");
            POSTGRES.execute(failing, MigrationFolder.OPEN_GATE);
            system.failed(failed);
            Eventually.holds("every message is acknowledged", system::hasNoMessage);
            Eventually.holds(
                    "the metrics are printed",
                    () -> printed.has(failed, "_aws") && printed.has(abandoned, "_aws"));

            List<JsonNode> router = lines(printed, ROUTER);
            List<JsonNode> worker = lines(printed, WORKER);
            List<JsonNode> dead = lines(printed, DEAD_LETTERS);
            assertRequestLines(router, canceled);
            assertSteps(worker, completed);
            worker.forEach(line -> assertTrue(line.has("processId"), line::toString));

            JsonNode done = onlyMetrics(worker, completed, "COMPLETED");
            assertEquals(3, done.required("MigrationsApplied").asInt());
            assertEquals(0, done.required("Retries").asInt());
            assertTrue(done.has("QueueDelay"));
            worker.stream()
                    .filter(line -> line.has("RunningTime"))
                    .forEach(line -> assertEquals(system.stack(), line.required("Stack").asText()));
            JsonNode wrong = onlyMetrics(worker, failed, "FAILED");
            assertEquals(2, wrong.required("MigrationsApplied").asInt());
            JsonNode stopped = onlyMetrics(router, canceled, "CANCELED");
            assertFalse(stopped.has("QueueDelay"));
            onlyMetrics(dead, abandoned, "FAILED");
            for (String id : List.of(completed, canceled, abandoned, failed)) {
                assertEquals(
                        1,
                        List.of(router, worker, dead).stream()
                                .flatMap(List::stream)
                                .filter(line -> isMetricsOf(line, id))
                                .count());
            }
            assertFalse(printed.has("s3cret", ""), "a query string");
            assertFalse(printed.has("postgresql://", ""), "a URL");
        }
    }

    private static void assertRequestLines(List<JsonNode> router, String canceled) {
        JsonNode cancel =
                router.stream()
                        .filter(line -> line.at("/route").asText().endsWith("/cancel"))
                        .findFirst()
                        .orElseThrow();
        assertEquals("/db-migrate/{processId}/cancel", cancel.required("route").asText());
        assertEquals("POST", cancel.required("method").asText());
        assertEquals(202, cancel.required("status").asInt());
        assertTrue(cancel.required("status").isInt());
        assertTrue(cancel.required("durationMs").isNumber());
        assertEquals(canceled, cancel.required("processId").asText());
        assertTrue(router.stream().anyMatch(line -> says(line, "process recorded")));
    }

    private static void assertSteps(List<JsonNode> worker, String id) {
        List<JsonNode> own =
                worker.stream()
                        .filter(line -> line.required("processId").asText().equals(id))
                        .toList();
        for (String step :
                List.of(
                        "message received",
                        "process claimed",
                        "database created",
                        "lock taken",
                        "migration begun",
                        "migration applied",
                        "process ended")) {
            assertTrue(own.stream().anyMatch(line -> says(line, step)), step);
        }
        List<JsonNode> applied =
                own.stream().filter(line -> says(line, "migration applied")).toList();
        assertEquals(
                List.of("V1__gate.sql", "V2__wait.sql", "V3__fails.sql"),
                applied.stream().map(line -> line.required("script").asText()).toList());
        applied.forEach(line -> assertTrue(line.required("durationMs").isNumber()));
    }

    private static JsonNode onlyMetrics(List<JsonNode> lines, String id, String result) {
        List<JsonNode> metrics = lines.stream().filter(line -> isMetricsOf(line, id)).toList();
        assertEquals(1, metrics.size(), metrics::toString);
        assertEquals(result, metrics.getFirst().required("Result").asText());
        assertEquals(1, metrics.getFirst().required("Processes").asInt());
        return metrics.getFirst();
    }

    private static boolean isMetricsOf(JsonNode line, String id) {
        return line.has("Processes") && line.at("/processId").asText().equals(id);
    }

    private static boolean says(JsonNode line, String message) {
        return line.required("message").asText().equals(message);
    }

    /** The lines of a function, all of which are JSON and name their request. */
    private static List<JsonNode> lines(Printed printed, String function) throws Exception {
        List<JsonNode> lines = new ArrayList<>();
        String prefix = "[" + function + "] ";
        for (String line : printed.lines()) {
            if (line.startsWith(prefix)) {
                JsonNode json = JSON.readTree(line.substring(prefix.length()));
                assertTrue(json.hasNonNull("requestId"), line);
                lines.add(json);
            }
        }
        assertFalse(lines.isEmpty(), function);
        return lines;
    }
}
