package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dbmigrate.testing.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process shows what happens inside the statement that runs. */
@Tag("database")
class EndToEndActivityTest {
    private static final TestPostgres POSTGRES = TestPostgres.shared();

    /** What keeps the index build in the middle of the table: no snapshot hides such a lock. */
    private static final String HELD =
            """
            create function held(i int) returns int immutable language plpgsql as $$
            begin
                if i = 10000 then
                    while not pg_try_advisory_xact_lock_shared(4711) loop
                        perform pg_sleep(0.05);
                    end loop;
                end if;
                return i;
            end $$;
            """;

    private static final List<String> MEMBERS =
            List.of(
                    "version",
                    "description",
                    "script",
                    "startedAt",
                    "statement",
                    "statementStartedAt",
                    "phase",
                    "percent",
                    "rows",
                    "bytes",
                    "waitingFor");

    @TempDir static Path folder;
    private static RunningSystem system;

    private final String database = RunningSystem.newDatabase();

    @BeforeAll
    static void start() {
        new MigrationFolder(folder)
                .with("V1__orders.sql", MigrationFolder.GATE + HELD + orders())
                .with("V2__wait.sql", MigrationFolder.WAITING)
                .with("V3__index.sql", "create index held_orders on orders (held(id))")
                .with("V4__note.sql", "alter table orders add note text default 'secret'");
        system = RunningSystem.start(folder, Map.of("LOCK_TIMEOUT", "120s"));
    }

    private static String orders() {
        return "create table orders (id int, name text);"
                + " insert into orders select g, '' from generate_series(1, 20000) g;";
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    @Test
    void indexBuildShowsPhaseAndPercent() throws Exception {
        String id = system.accepted(database);
        JsonNode before = system.running(id, "V2__wait.sql").at("/progress/current");
        assertEquals(MEMBERS, members(before));
        try (Connection gate = POSTGRES.connect(database)) {
            gate.createStatement().execute("select pg_advisory_lock(4711)");
            POSTGRES.execute(database, MigrationFolder.OPEN_GATE);
            JsonNode current =
                    current(id, "it is in the middle of the table", "/percent", "V3__index.sql");
            assertEquals(MEMBERS, members(current));
            assertEquals("building index: scanning table", current.at("/phase").asText());
            assertTrue(current.at("/percent").asInt() < 100, current::toString);
            assertTrue(
                    current.at("/bytes/done").asLong() < current.at("/bytes/total").asLong(),
                    current::toString);
            assertEquals(
                    "create index held_orders on orders (held(id))",
                    current.at("/statement").asText());
            assertTrue(current.at("/statementStartedAt").asText().endsWith("Z"));
            assertEquals("null", current.at("/waitingFor").toString());
        }
        system.completed(id);
    }

    @Test
    void blockedMigrationShowsWhoIsInItsWay() throws Exception {
        String id = system.accepted(database);
        system.running(id, "V2__wait.sql");
        try (Connection application = POSTGRES.connect(database)) {
            application.setAutoCommit(false);
            application
                    .createStatement()
                    .execute(
                            "set application_name = 'the app'; select * from orders where name = 'Ann'");
            POSTGRES.execute(database, MigrationFolder.OPEN_GATE);
            JsonNode current = current(id, "it waits", "/waitingFor/relation", "V4__note.sql");
            assertEquals(
                    "alter table orders add note text default '…'",
                    current.at("/statement").asText());
            JsonNode waiting = current.at("/waitingFor");
            assertEquals("AccessExclusiveLock", waiting.at("/lock").asText());
            assertEquals("public.orders", waiting.at("/relation").asText());
            assertTrue(waiting.at("/since").asText().endsWith("Z"));
            assertEquals(1, waiting.at("/blockedBy").size());
            JsonNode blocker = waiting.at("/blockedBy/0");
            assertTrue(blocker.at("/pid").asInt() > 0);
            assertEquals("the app", blocker.at("/application").asText());
            assertEquals("idle in transaction", blocker.at("/state").asText());
            assertTrue(blocker.at("/since").asText().endsWith("Z"));
            assertEquals("select * from orders where name = '…'", blocker.at("/query").asText());
        }
        JsonNode ended = system.completed(id);
        assertEquals("null", ended.at("/progress/current").toString());
    }

    private static JsonNode current(String id, String fact, String member, String script) {
        return system.processWhen(
                        id,
                        fact,
                        process -> {
                            JsonNode now = process.at("/progress/current");
                            JsonNode known = now.at(member);
                            return now.at("/script").asText().equals(script)
                                    && !known.isMissingNode()
                                    && !known.isNull()
                                    && !known.asText().equals("0");
                        })
                .at("/progress/current");
    }

    private static List<String> members(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
