package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** GET /db-migrate: the processes of a stack, the newest first. */
@Tag("database")
class EndToEndListTest {
    private static final Set<String> NOT_LISTED =
            Set.of("migrations", "attempts", "warnings", "result");

    @TempDir static Path folder;
    private static RunningSystem system;

    @BeforeAll
    static void start() {
        new MigrationFolder(folder)
                .with("V1__one.sql", "create table one ();")
                .with("V2__two.sql", "insert into two values (1);");
        system = RunningSystem.start(folder, Map.of());
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    @Test
    void pagesHoldEachProcessOnceWhileNewOnesArrive() {
        String database = RunningSystem.newDatabase();
        List<String> ids =
                new ArrayList<>(Stream.generate(() -> started(database, "1")).limit(7).toList());
        List<String> seen = new ArrayList<>();
        String query = "?limit=3&database=" + database;
        JsonNode page = list(query);
        while (true) {
            seen.addAll(ids(page));
            if (page.required("nextCursor").isNull()) {
                break;
            }
            started(database, "1");
            page = list(query + "&cursor=" + page.required("nextCursor").asText());
        }
        assertEquals(ids.reversed(), seen);
        list("?limit=100&database=" + database)
                .required("processes")
                .forEach(process -> system.ended(process.required("processId").asText()));
    }

    @Test
    void summaryIsAProcessWithoutWhatMayBeLong() {
        String database = RunningSystem.newDatabase();
        String id = started(database, "1");
        JsonNode process = system.completed(id);
        JsonNode summary = list("?database=" + database).at("/processes/0");
        List<String> listed =
                process.propertyStream()
                        .map(Map.Entry::getKey)
                        .filter(name -> !NOT_LISTED.contains(name))
                        .toList();
        assertEquals(listed, summary.propertyStream().map(Map.Entry::getKey).toList());
        listed.forEach(name -> assertEquals(process.get(name), summary.get(name), name));
        assertEquals(1, summary.at("/progress/applied").asInt());
    }

    @Test
    void stateAndDatabaseNarrowIt() {
        String database = RunningSystem.newDatabase();
        String other = RunningSystem.newDatabase();
        String completed = started(database, "1");
        system.completed(completed);
        String failed = started(database, "2");
        system.failed(failed);
        String elsewhere = started(other, "1");
        system.completed(elsewhere);
        assertEquals(List.of(failed, completed), ids(list("?database=" + database)));
        assertEquals(List.of(completed), ids(list("?state=COMPLETED&database=" + database)));
        JsonNode one = list("?database=" + database + "&state=FAILED");
        assertEquals(List.of(failed), ids(one));
        assertEquals("OBJECT_MISSING", one.at("/processes/0/error/code").asText());
        assertEquals(List.of(), ids(list("?state=QUEUED&database=" + database)));
        assertEquals(List.of(), ids(list("?database=e2e_%22no+such%22+%C3%A9")));
        assertEquals(elsewhere, ids(list("?limit=1&state=COMPLETED")).getFirst());
        assertTrue(ids(list("")).containsAll(List.of(elsewhere, failed, completed)));
    }

    @ParameterizedTest
    @CsvSource({
        "?state=failed, state",
        "?limit=0, limit",
        "?limit=1&limit=2, limit",
        "?database=, database",
        "?database=%00, database",
        "?cursor=abc, cursor",
        "?page=2, page",
    })
    void wrongParameterIsNamed(String query, String name) {
        Answer answer = system.get("/db-migrate" + query);
        assertEquals(400, answer.status(), answer::toString);
        assertEquals("application/problem+json", answer.header("content-type").orElseThrow());
        assertEquals("BAD_REQUEST", answer.member("code"));
        assertTrue(answer.member("detail").contains("query parameter " + name), answer::toString);
    }

    @Test
    void otherRoutesTakeAnyQuery() {
        assertEquals(200, system.get("/health?page=2").status());
        String id = started(RunningSystem.newDatabase(), "1");
        assertEquals(200, system.get("/db-migrate/" + id + "?page=2").status());
        assertEquals(200, system.get("/db-migrate/" + id + "/events?page=2").status());
        system.completed(id);
    }

    @Test
    void processesOfAnotherStackAreNotListed() {
        String database = RunningSystem.newDatabase();
        system.completed(started(database, "1"));
        try (RunningSystem another = RunningSystem.start(folder, Map.of())) {
            Answer answer = another.get("/db-migrate?database=" + database);
            assertEquals("{\"processes\":[],\"nextCursor\":null}", answer.text());
            assertFalse(answer.header("retry-after").isPresent());
        }
    }

    private static String started(String database, String target) {
        return system.accepted(
                system.post("{\"database\":\"%s\",\"target\":\"%s\"}".formatted(database, target)));
    }

    private static JsonNode list(String query) {
        Answer answer = system.get("/db-migrate" + query);
        assertEquals(200, answer.status(), answer::toString);
        return answer.json();
    }

    private static List<String> ids(JsonNode page) {
        return page.required("processes")
                .valueStream()
                .map(process -> process.required("processId").asText())
                .toList();
    }
}
