package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dbmigrate.testing.TestPostgres;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the queue gives up is not left RUNNING, and what nobody of ours wrote blocks nothing. */
@Tag("database")
class EndToEndDeadLetterTest {
    private static final TestPostgres POSTGRES = TestPostgres.shared();

    @TempDir static Path folder;
    private static RunningSystem system;

    private final String database = RunningSystem.newDatabase();

    @BeforeAll
    static void start() {
        new MigrationFolder(folder)
                .with("V1__gate.sql", MigrationFolder.GATE)
                .with("V2__long.sql", MigrationFolder.WAITING);
        system = RunningSystem.start(folder, Map.of());
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    @Test
    void processWhoseMessageWasGivenUpIsFailed() {
        String first = system.accepted(database);
        system.running(first, "V2__long.sql");
        String waiting = system.accepted(database);
        system.deadLetter("{\"processId\":\"%s\"}".formatted(waiting));
        JsonNode failed = system.failed(waiting);
        assertEquals("DEAD_LETTER", failed.at("/error/code").asText());
        POSTGRES.execute(database, MigrationFolder.OPEN_GATE);
        system.completed(first);
    }

    @Test
    void processThatAnAttemptIsAtWorkOnIsLeftToIt() throws Exception {
        String id = system.accepted(database);
        system.running(id, "V2__long.sql");
        system.deadLetter("{\"processId\":\"%s\"}".formatted(id));
        Eventually.holds("the dead letter was taken", system::hasDeadLetterInFlight);
        POSTGRES.execute(database, MigrationFolder.OPEN_GATE);
        system.completed(id);
    }

    @Test
    void messageThatNobodyOfOursWroteBlocksNothing() {
        String group = UUID.randomUUID().toString();
        system.message("not JSON", group);
        system.message("{\"processId\":\"no-uuid\"}", group);
        String id = system.accepted(database);
        system.running(id, "V2__long.sql");
        system.sendAgain(id, group);
        POSTGRES.execute(database, MigrationFolder.OPEN_GATE);
        system.completed(id);
    }
}
