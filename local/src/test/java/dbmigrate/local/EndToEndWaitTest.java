package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.testing.TestPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prefer: wait=N: the answer comes with the end of the process. */
@Tag("database")
class EndToEndWaitTest {
    private static final TestPostgres POSTGRES = TestPostgres.shared();
    private static final byte[] NOTHING = new byte[0];
    private static final int MEASURED = 24;

    @TempDir static Path folder;
    private static RunningSystem system;

    private final String database = RunningSystem.newDatabase();
    private final String body = "{\"database\":\"%s\"}".formatted(database);

    @BeforeAll
    static void start() {
        new MigrationFolder(folder)
                .with("V1__gate.sql", MigrationFolder.GATE)
                .with("V2__wait.sql", MigrationFolder.WAITING);
        system = RunningSystem.start(folder, Map.of("MAX_WAITERS", "2"));
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    @Test
    void postIsAnsweredWithTheEndOfTheProcess() {
        Answer answer =
                system.post(
                        "{\"database\":\"%s\",\"target\":\"1\"}".formatted(database),
                        "Prefer",
                        "respond-async, WAIT=\"15\"; foo");
        assertEquals(200, answer.status(), answer::toString);
        assertEquals("COMPLETED", answer.member("state"));
        assertEquals(Optional.of("wait=15"), applied(answer));
        assertTrue(answer.header("retry-after").isEmpty());
        assertEquals(
                "/db-migrate/" + answer.member("processId"),
                answer.header("location").orElseThrow());
        assertEquals(system.process(answer.member("processId")), answer.json());
    }

    @Test
    void getIsAnsweredWithTheEndOfTheProcess() {
        String id = system.accepted(database);
        system.running(id, "V2__wait.sql");
        CompletableFuture<Answer> waiting = CompletableFuture.supplyAsync(() -> get(id, "wait=60"));
        awaitWaiters(1);
        POSTGRES.execute(database, MigrationFolder.OPEN_GATE);
        Answer answer = waiting.join();
        assertEquals(200, answer.status(), answer::toString);
        assertEquals("COMPLETED", answer.member("state"));
        assertEquals(Optional.of("wait=20"), applied(answer));
        assertTrue(answer.header("retry-after").isEmpty());
        awaitWaiters(0);
    }

    @Test
    void whenTheTimeIsOverTheAnswerSaysHowFarItIs() {
        Answer accepted = system.post(body, "Prefer", "wait=1");
        assertEquals(202, accepted.status(), accepted::toString);
        assertEquals(Optional.of("wait=1"), applied(accepted));
        assertEquals("1", accepted.header("retry-after").orElseThrow());
        String id = accepted.member("processId");
        system.running(id, "V2__wait.sql");
        Answer running = get(id, "wait=1");
        assertEquals(200, running.status(), running::toString);
        assertEquals("RUNNING", running.member("state"));
        assertEquals(Optional.of("wait=1"), applied(running));
        assertEquals("1", running.header("retry-after").orElseThrow());
        POSTGRES.execute(database, MigrationFolder.OPEN_GATE);
        system.completed(id);
    }

    @Test
    void sameKeyWaitsForTheProcessThatItStandsFor() {
        String key = UUID.randomUUID().toString();
        String id = system.accepted(system.post(body, "Idempotency-Key", key));
        system.running(id, "V2__wait.sql");
        CompletableFuture<Answer> waiting =
                CompletableFuture.supplyAsync(
                        () -> system.post(body, "Idempotency-Key", key, "Prefer", "wait=20"));
        awaitWaiters(1);
        assertEquals(202, system.send("POST", "/db-migrate/" + id + "/cancel", NOTHING).status());
        Answer answer = waiting.join();
        assertEquals(200, answer.status(), answer::toString);
        assertEquals(id, answer.member("processId"));
        assertEquals("CANCELED", answer.member("state"));
        assertEquals(Optional.of("wait=20"), applied(answer));
    }

    @Test
    void endedProcessIsAnsweredAtOnce() {
        String id = system.accepted(database);
        system.running(id, "V2__wait.sql");
        POSTGRES.execute(database, MigrationFolder.OPEN_GATE);
        system.completed(id);
        Answer answer = get(id, "wait=3");
        assertEquals("COMPLETED", answer.member("state"));
        assertEquals(Optional.of("wait=3"), applied(answer));
    }

    @Test
    void whatIsNoPreferenceToWaitIsIgnored() {
        String id = system.accepted(database);
        for (String ignored : List.of("wait=soon", "wait", "respond-async", "foo=\"wait=5")) {
            assertEquals(Optional.empty(), applied(get(id, ignored)), ignored);
        }
        assertEquals(Optional.of("wait=0"), applied(get(id, "wait=0")));
        system.running(id, "V2__wait.sql");
        POSTGRES.execute(database, MigrationFolder.OPEN_GATE);
        system.completed(id);
    }

    @Test
    void whoComesPastTheCapIsAnsweredAtOnce() {
        String id = system.accepted(database);
        system.running(id, "V2__wait.sql");
        List<CompletableFuture<Answer>> waiting =
                Collections.nCopies(2, "wait=20").stream()
                        .map(prefer -> CompletableFuture.supplyAsync(() -> get(id, prefer)))
                        .toList();
        awaitWaiters(2);
        Answer third = get(id, "wait=20");
        assertEquals(200, third.status(), third::toString);
        assertEquals("RUNNING", third.member("state"));
        assertEquals(Optional.empty(), applied(third));
        assertEquals("1", third.header("retry-after").orElseThrow());
        POSTGRES.execute(database, MigrationFolder.OPEN_GATE);
        for (CompletableFuture<Answer> one : waiting) {
            assertEquals("COMPLETED", one.join().member("state"));
            assertEquals(Optional.of("wait=20"), applied(one.join()));
        }
        awaitWaiters(0);
    }

    @Test
    void unknownProcessIsNotWaitedFor() {
        assertEquals(404, get(UUID.randomUUID().toString(), "wait=20").status());
    }

    /** Prints how long after its end a process is answered; nothing asserts that. */
    @Test
    void everyOneOfManyWaitsSeesTheEnd() {
        List<Long> delays = new ArrayList<>();
        for (int i = 0; i < MEASURED; i++) {
            String name = RunningSystem.newDatabase();
            Answer answer =
                    system.post(
                            "{\"database\":\"%s\",\"target\":\"1\"}".formatted(name),
                            "Prefer",
                            "wait=20");
            Instant arrived = Instant.now();
            assertEquals("COMPLETED", answer.member("state"), answer::toString);
            Instant finished = Instant.parse(answer.member("finishedAt"));
            delays.add(Duration.between(finished, arrived).toMillis());
        }
        Collections.sort(delays);
        System.out.printf(
                "From a process's end to its answer, %d waits: median %d ms, longest %d ms: %s%n",
                delays.size(), delays.get(delays.size() / 2), delays.getLast(), delays);
    }

    private static Answer get(String id, String prefer) {
        return system.send("GET", "/db-migrate/" + id, NOTHING, "Prefer", prefer);
    }

    private static Optional<String> applied(Answer answer) {
        return answer.header("preference-applied");
    }

    /** Until so many places of those who wait are taken. */
    private static void awaitWaiters(int number) {
        try {
            Eventually.holds(number + " wait", () -> system.waiters().size() == number);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
