package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dbmigrate.testing.TestPostgres;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GET /db-migrate/{processId}/events: what became of a process, and who asked for it. */
@Tag("database")
class EndToEndEventsTest {
    private static final TestPostgres POSTGRES = TestPostgres.shared();
    private static final String CALLER = "anonymous";

    @TempDir static Path folder;
    private static RunningSystem system;

    private final String database = RunningSystem.newDatabase();

    @BeforeAll
    static void start() {
        new MigrationFolder(folder)
                .with("V1__gate.sql", MigrationFolder.GATE)
                .with("V2__wait.sql", MigrationFolder.WAITING)
                .with("V3__bad.sql", "insert into nowhere values (1);");
        system = RunningSystem.start(folder, Map.of());
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    @Test
    void completedProcessHasABeginningAndAnEnd() {
        String id = started("1");
        JsonNode process = system.completed(id);
        JsonNode events = events(id);
        assertEquals(
                List.of(
                        "REQUESTED QUEUED 0 \"" + CALLER + "\" null",
                        "ATTEMPT_STARTED RUNNING 1 null null",
                        "COMPLETED COMPLETED 1 null null"),
                told(events));
        assertEquals(
                List.of("at", "event", "state", "attempt", "identity", "cause"),
                events.get(0).propertyStream().map(Map.Entry::getKey).toList());
        List<String> times = events.valueStream().map(e -> e.required("at").asText()).toList();
        assertEquals(times.stream().sorted().toList(), times);
        assertTrue(
                times.getFirst().compareTo(process.required("requestedAt").asText()) >= 0,
                times::toString);
    }

    @Test
    void failedProcessHasItsCause() {
        String id = started("1");
        system.completed(id);
        POSTGRES.execute(database, MigrationFolder.OPEN_GATE);
        String bad = started("3");
        system.failed(bad);
        assertEquals("FAILED FAILED 1 null \"OBJECT_MISSING\"", told(events(bad)).getLast());
    }

    @Test
    void canceledProcessSaysWhoAsked() {
        String id = started("2");
        system.running(id, "V2__wait.sql");
        String cancel = "/db-migrate/" + id + "/cancel";
        assertEquals(202, system.send("POST", cancel, new byte[0]).status());
        system.ended(id);
        assertEquals(
                List.of(
                        "CANCEL_REQUESTED RUNNING 1 \"" + CALLER + "\" null",
                        "CANCELED CANCELED 1 \"" + CALLER + "\" null"),
                told(events(id)).subList(2, 4));
    }

    @Test
    void killedWorkersAttemptIsToldToHaveDied() {
        String id = started("2");
        system.running(id, "V2__wait.sql");
        system.workers().forEach(ProcessHandle::destroyForcibly);
        system.processWhen(id, "another attempt runs", p -> p.at("/attempt").asInt() == 2);
        POSTGRES.execute(database, MigrationFolder.OPEN_GATE);
        system.completed(id);
        assertEquals(
                List.of(
                        "ATTEMPT_STARTED RUNNING 1 null null",
                        "ATTEMPT_DIED RUNNING 1 null \"its lease ran out\"",
                        "ATTEMPT_STARTED RUNNING 2 null null",
                        "COMPLETED COMPLETED 2 null null"),
                told(events(id)).subList(1, 5));
    }

    @Test
    void unknownProcessHasNone() {
        Answer answer = system.get("/db-migrate/" + UUID.randomUUID() + "/events");
        assertEquals(404, answer.status(), answer::toString);
        assertEquals("NOT_FOUND", answer.member("code"));
        assertEquals(400, system.get("/db-migrate/no-uuid/events").status());
        Answer posted = system.send("POST", "/db-migrate/x/events", new byte[0]);
        assertEquals(405, posted.status());
        assertEquals("GET", posted.header("allow").orElseThrow());
    }

    private String started(String target) {
        return system.accepted(
                system.post("{\"database\":\"%s\",\"target\":\"%s\"}".formatted(database, target)));
    }

    private static JsonNode events(String id) {
        Answer answer = system.get("/db-migrate/" + id + "/events");
        assertEquals(200, answer.status(), answer::toString);
        assertEquals(id, answer.member("processId"));
        return answer.json().required("events");
    }

    private static List<String> told(JsonNode events) {
        return events.valueStream()
                .map(e ->
                        "%s %s %d %s %s"
                                .formatted(
                                        e.required("event").asText(),
                                        e.required("state").asText(),
                                        e.required("attempt").asInt(),
                                        e.required("identity"),
                                        e.required("cause")))
                .toList();
    }
}
