package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dbmigrate.testing.TestPostgres;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process stops when somebody asks it to. */
@Tag("database")
class EndToEndCancelTest {
    private static final TestPostgres POSTGRES = TestPostgres.shared();
    private static final byte[] NOTHING = new byte[0];

    @TempDir static Path folder;
    private static RunningSystem system;

    private final String database = RunningSystem.newDatabase();

    @BeforeAll
    static void start() {
        new MigrationFolder(folder)
                .with("V1__gate.sql", MigrationFolder.GATE)
                .with("V2__long.sql", "create table never ();" + MigrationFolder.WAITING);
        system = RunningSystem.start(folder, Map.of());
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    @Test
    void runningProcessIsRolledBackAndWhatItAppliedStays() {
        String id = system.accepted(database);
        JsonNode running = system.running(id, "V2__long.sql");
        String cancel = running.at("/links/cancel").asText();
        assertEquals("/db-migrate/" + id + "/cancel", cancel);

        Answer asked = system.send("POST", cancel, NOTHING);
        assertEquals(202, asked.status(), asked::toString);
        JsonNode ended = system.ended(id);
        assertEquals("CANCELED", ended.required("state").asText());
        assertEquals("V1__gate.sql", ended.at("/migrations/0/script").asText());
        assertEquals(1, ended.at("/migrations").size());
        assertEquals("null", ended.at("/progress/current").toString());
        assertEquals(List.of("V1__gate.sql"), RunningSystem.history(database));
        assertEquals(List.of(""), POSTGRES.query(database, "select to_regclass('never')"));
        assertEquals(409, system.send("POST", cancel, NOTHING).status());
    }

    @Test
    void processThatWaitsItsTurnEndsAtOnce() {
        String first = system.accepted(database);
        system.running(first, "V2__long.sql");
        String second = system.accepted(database);
        Answer canceled = system.send("POST", "/db-migrate/" + second + "/cancel", NOTHING);
        assertEquals(202, canceled.status(), canceled::toString);
        assertEquals("CANCELED", canceled.member("state"));
        POSTGRES.execute(database, MigrationFolder.OPEN_GATE);
        system.completed(first);
        assertEquals("CANCELED", system.process(second).required("state").asText());
    }

    @Test
    void endedProcessIsAConflict() {
        String id = system.accepted(database);
        system.running(id, "V2__long.sql");
        POSTGRES.execute(database, MigrationFolder.OPEN_GATE);
        system.completed(id);
        Answer conflict = system.send("POST", "/db-migrate/" + id + "/cancel", NOTHING);
        assertEquals(409, conflict.status(), conflict::toString);
        assertEquals("PROCESS_ENDED", conflict.member("code"));
    }
}
