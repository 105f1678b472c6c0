package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One Idempotency-Key stands for one process. */
@Tag("database")
class EndToEndIdempotencyTest {
    @TempDir static Path folder;
    private static RunningSystem system;

    @BeforeAll
    static void start() {
        new MigrationFolder(folder).with("V1__one.sql", "create table one ();");
        system = RunningSystem.start(folder, Map.of());
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    @Test
    void sameKeyAndBodyAnswerTheSameProcess() {
        String key = UUID.randomUUID().toString();
        String database = RunningSystem.newDatabase();
        var first = withKey(key, "{\"database\":\"%s\",\"target\":\"1\"}".formatted(database));
        String id = system.accepted(first);
        var second =
                withKey(key, "{ \"target\": \"1\",\n \"database\": \"%s\" }".formatted(database));
        assertEquals(200, second.status(), second::toString);
        assertEquals(id, second.member("processId"));
        assertEquals("/db-migrate/" + id, second.header("location").orElseThrow());
        var process = system.completed(id);
        var third = withKey(key, "{\"database\":\"%s\",\"target\":\"1\"}".formatted(database));
        assertEquals(200, third.status(), third::toString);
        assertEquals(process, third.json());
        assertTrue(third.header("retry-after").isEmpty());
        assertEquals(List.of("V1__one.sql"), RunningSystem.history(database));
    }

    @Test
    void sameKeyWithAnotherBodyIsRefused() {
        String key = "key with spaces, \"quotes\" and ~";
        String database = RunningSystem.newDatabase();
        String id = system.accepted(withKey(key, "{\"database\":\"%s\"}".formatted(database)));
        int rows = system.rows().size();
        var other = withKey(key, "{\"database\":\"%s\",\"outOfOrder\":true}".formatted(database));
        assertEquals(422, other.status(), other::toString);
        assertEquals("IDEMPOTENCY_KEY_REUSED", other.member("code"));
        assertEquals("application/problem+json", other.header("content-type").orElseThrow());
        assertEquals(rows, system.rows().size());
        system.completed(id);
    }

    @Test
    void sameKeySentFiftyTimesAtOnceStartsOneProcess() throws Exception {
        String key = UUID.randomUUID().toString();
        String body = "{\"database\":\"%s\"}".formatted(RunningSystem.newDatabase());
        Callable<Answer> post = () -> withKey(key, body);
        var answers = RunningSystem.atOnce(Collections.nCopies(50, post));
        var statuses = new ArrayList<>(Collections.nCopies(49, 200));
        statuses.add(202);
        assertEquals(statuses, answers.stream().map(Answer::status).sorted().toList());
        var ids = answers.stream().map(answer -> answer.member("processId")).distinct().toList();
        assertEquals(1, ids.size());
        var process = system.completed(ids.getFirst());
        assertEquals(1, process.at("/attempt").asInt());
        assertEquals(1, system.rows().stream().filter(row -> row.contains(key)).count());
        Eventually.holds("its one message is acknowledged", system::hasNoMessage);
        assertEquals(process, system.process(ids.getFirst()));
    }

    @Test
    void keyOfARefusedRequestIsStillFree() {
        String key = UUID.randomUUID().toString();
        assertEquals(422, withKey(key, "{\"target\":4}").status());
        assertEquals(403, withKey(key, "{\"database\":\"other\"}").status());
        String body = "{\"database\":\"%s\"}".formatted(RunningSystem.newDatabase());
        system.completed(system.accepted(withKey(key, body)));
    }

    private static Answer withKey(String key, String body) {
        return system.post(body, "Idempotency-Key", key);
    }
}
