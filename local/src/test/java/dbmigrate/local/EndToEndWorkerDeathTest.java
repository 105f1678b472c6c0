package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker that dies takes nothing with it. */
@Tag("database")
class EndToEndWorkerDeathTest {
    private static final TestPostgres POSTGRES = TestPostgres.shared();

    @TempDir static Path folder;
    private static RunningSystem system;

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
    void noMigration() throws IOException {
        new MigrationFolder(folder).clear();
    }

    @Test
    void processWhoseWorkerIsKilledInAMigrationIsCompletedByAnother() throws Exception {
        new MigrationFolder(folder)
                .with("V1__gate.sql", MigrationFolder.GATE)
                .with(
                        "V2__long.sql",
                        "create table once (id int);insert into once values (1);"
                                + MigrationFolder.WAITING)
                .with("V3__last.sql", "insert into once values (3);");
        String id = system.accepted(database);
        system.running(id, "V2__long.sql");
        var worker = system.workers();
        assertEquals(1, worker.size());

        worker.getFirst().destroyForcibly();
        Eventually.holds("the server has ended the dead worker's session", () -> sessions() == 0);
        assertEquals(List.of(""), POSTGRES.query(database, "select to_regclass('once')"));
        POSTGRES.execute(database, MigrationFolder.OPEN_GATE);

        var process = system.completed(id);
        assertEquals(2, process.at("/attempt").asInt());
        assertEquals(1, process.at("/attempts").size());
        assertEquals(1, process.at("/attempts/0/attempt").asInt());
        assertEquals(
                "its lease ran out: the worker died or lost the server",
                process.at("/attempts/0/reason").asText());
        assertTrue(process.at("/databaseCreated").asBoolean());
        assertEquals("{\"before\":null,\"now\":\"3\"}", process.at("/schemaVersion").toString());
        assertEquals(
                "{\"applied\":3,\"total\":3,\"current\":null}", process.at("/progress").toString());
        assertEquals(
                List.of("V1__gate.sql", "V2__long.sql", "V3__last.sql"),
                RunningSystem.history(database));
        assertEquals(List.of("1", "3"), POSTGRES.query(database, "select id from once order by 1"));
        Eventually.holds("its message is acknowledged", system::hasNoMessage);
    }

    @Test
    void copyOfARehearsalWhoseWorkerIsKilledIsDroppedByTheNextAttempt() throws Exception {
        var migrations = new MigrationFolder(folder);
        migrations.with("V1__a.sql", "create table a ();");
        system.completed(system.accepted(database));
        migrations.with("V2__long.sql", "select pg_sleep(600);");
        String id =
                system.accepted(
                        system.post(
                                "{\"command\": \"rehearse\", \"on\": \"copy\", \"database\": \"%s\"}"
                                        .formatted(database)));
        Eventually.holds("the rehearsal sleeps", () -> rehearsals("query like '%pg_sleep%'") == 1);
        List<String> left = copies();
        assertEquals(1, left.size());

        system.workers().forEach(ProcessHandle::destroyForcibly);
        Eventually.holds("the server has ended its sessions", () -> rehearsals("true") == 0);
        assertEquals(left, copies());
        migrations.with("V2__long.sql", "select 1;");

        var process = system.completed(id);
        assertEquals(2, process.at("/attempt").asInt());
        assertEquals("ran", process.at("/result/rehearsed/0/state").asText());
        assertEquals(List.of(), copies());
    }

    private List<String> copies() {
        return POSTGRES.query(
                "postgres",
                "select datname from pg_database where datname like 'db_migrate_rehearsal_%'");
    }

    private int rehearsals(String condition) {
        return POSTGRES.query(
                        "postgres",
                        "select from pg_stat_activity where datname like 'db_migrate_rehearsal_%' and "
                                + condition)
                .size();
    }

    private int sessions() {
        return POSTGRES.query(
                        "postgres",
                        "select from pg_stat_activity where datname = '" + database + "'")
                .size();
    }
}
