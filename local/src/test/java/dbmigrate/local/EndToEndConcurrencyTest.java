package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dbmigrate.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However many ask, and however often a message comes, each migration is applied once. */
@Tag("database")
class EndToEndConcurrencyTest {
    private static final TestPostgres POSTGRES = TestPostgres.shared();

    @TempDir static Path folder;
    private static RunningSystem system;

    private final MigrationFolder migrations = new MigrationFolder(folder);
    private final String database = RunningSystem.newDatabase();

    @BeforeAll
    static void start() {
        system = RunningSystem.start(folder, Map.of());
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    @BeforeEach
    void emptyFolder() throws IOException {
        migrations.clear();
    }

    /** Each writes down which session ran it. */
    private List<String> runs(int migrationsOfIt) {
        migrations.with("V1__run.sql", "create table run (version int, pid int);");
        var rest = IntStream.rangeClosed(2, migrationsOfIt).mapToObj(this::run).toList();
        return Stream.concat(Stream.of("V1__run.sql"), rest.stream()).toList();
    }

    private String run(int version) {
        String file = "V%d__run.sql".formatted(version);
        migrations.with(file, "insert into run values (%d, pg_backend_pid());".formatted(version));
        return file;
    }

    @Test
    void repeatedMessageOfAFinishedProcessIsAcknowledged() throws Exception {
        var scripts = runs(3);
        String id = system.accepted(database);
        var process = system.completed(id);
        var rows = system.rows();

        system.sendAgain(id, "the-same-group");
        system.sendAgain(id, "the-same-group");
        system.sendAgain(id, "another-group");
        Eventually.holds("every message is acknowledged", system::hasNoMessage);

        assertEquals(scripts, RunningSystem.history(database));
        assertEquals(rows, system.rows());
        assertEquals(process, system.process(id));
    }

    @Test
    void repeatedMessageOfARunningProcessWaitsAndIsAcknowledged() throws Exception {
        migrations
                .with("V1__gate.sql", MigrationFolder.GATE)
                .with("V2__wait.sql", MigrationFolder.WAITING);
        String id;
        try (var printed = new Printed()) {
            id = system.accepted(database);
            system.running(id, "V2__wait.sql");
            system.sendAgain(id, "another-group");
            Eventually.holds(
                    "another worker gives it back",
                    () -> printed.has(id, "another attempt is at work"));
        }
        POSTGRES.execute(database, MigrationFolder.OPEN_GATE);

        var process = system.completed(id);
        assertEquals(1, process.at("/attempt").asInt());
        Eventually.holds("both messages are acknowledged", system::hasNoMessage);
        assertEquals(process, system.process(id));
        assertEquals(List.of("V1__gate.sql", "V2__wait.sql"), RunningSystem.history(database));
    }

    @Test
    void twoPostsAtOnceForOneDatabaseApplyEachMigrationOnce() throws Exception {
        var scripts = runs(10);
        var processes = complete(List.of(database, database));
        assertEquals(scripts, RunningSystem.history(database));
        assertEquals(List.of(0, 10), counts(processes, "/progress/applied"));
        assertEquals(
                1, processes.stream().filter(p -> p.at("/databaseCreated").asBoolean()).count());
    }

    @Test
    void twentyPostsAtOnceMigrateTwentyDatabases() throws Exception {
        var scripts = runs(5);
        var databases = Stream.generate(RunningSystem::newDatabase).limit(20).toList();
        var processes = complete(databases);
        for (String one : databases) {
            assertEquals(scripts, RunningSystem.history(one), one);
        }
        assertEquals(Collections.nCopies(20, 5), counts(processes, "/progress/applied"));
        assertEquals(
                20, processes.stream().filter(p -> p.at("/databaseCreated").asBoolean()).count());
        assertEquals(
                new HashSet<>(databases),
                new HashSet<>(processes.stream().map(p -> p.at("/database").asText()).toList()));
    }

    /**
     * A queue's group is not what keeps runs apart: here all four stand at the door while one runs.
     */
    @Test
    void fourMessagesInFourGroupsOnOneDatabaseRunOneAfterTheOther() throws Exception {
        var scripts = runs(80);
        migrations
                .with(
                        "V1__run.sql",
                        "create table run (version int, pid int);" + MigrationFolder.GATE)
                .with(
                        "V2__run.sql",
                        MigrationFolder.WAITING + "insert into run values (2, pg_backend_pid());");
        var ids = Stream.generate(() -> system.accepted(database)).limit(4).toList();
        system.running(ids.getFirst(), "V2__run.sql");
        for (String id : ids.subList(1, 4)) {
            system.sendAgain(id, "group-of-" + id);
        }
        for (String id : ids.subList(1, 4)) {
            system.processWhen(id, "it asked for the lock", p -> !p.at("/attempts").isEmpty());
        }
        POSTGRES.execute(database, MigrationFolder.OPEN_GATE);

        var processes = ids.stream().map(system::completed).toList();
        assertEquals(scripts, RunningSystem.history(database));
        assertEquals(
                List.of("79|1"),
                POSTGRES.query(database, "select count(*), count(distinct pid) from run"));
        assertEquals(List.of(0, 0, 0, 80), counts(processes, "/progress/applied"));
        processes.subList(1, 4).forEach(EndToEndConcurrencyTest::assertWaitedWithoutFailure);
        Eventually.holds("every message is acknowledged", system::hasNoMessage);
    }

    private static void assertWaitedWithoutFailure(JsonNode process) {
        assertNotEquals(0, process.at("/attempts").size());
        process.at("/attempts")
                .forEach(attempt -> {
                    assertEquals(
                            "another run holds the database's lock",
                            attempt.required("reason").asText());
                    assertEquals("null", attempt.required("error").toString());
                });
    }

    private static List<JsonNode> complete(List<String> databases) {
        var posts =
                databases.stream()
                        .<Callable<String>>map(one -> () -> system.accepted(one))
                        .toList();
        return RunningSystem.atOnce(posts).stream().map(system::completed).toList();
    }

    private static List<Integer> counts(List<JsonNode> processes, String pointer) {
        return processes.stream().map(p -> p.at(pointer).asInt()).sorted().toList();
    }
}
