package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dbmigrate.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a caller asks for happens, and what happened can be read. */
@Tag("database")
class EndToEndMigrationTest {
    private static final String RFC_3339 = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";
    private static final TestPostgres POSTGRES = TestPostgres.shared();

    @TempDir static Path folder;
    private static RunningSystem system;

    private final MigrationFolder migrations = new MigrationFolder(folder);
    private final String database = RunningSystem.newDatabase();

    @BeforeAll
    static void start() {
        system = RunningSystem.start(folder, Map.of("ALLOWED_PLACEHOLDERS", "tenant, suffix"));
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    @BeforeEach
    void emptyFolder() throws IOException {
        migrations.clear();
    }

    private void customers() {
        migrations
                .with("V1__customer.sql", "create table customer (id int primary key, name text);")
                .with(
                        "V2__first_customers.sql",
                        "insert into customer values (1, 'Ada'), (2, 'Grace');")
                .with("R__names.sql", "create or replace view names as select name from customer;");
    }

    @Test
    void postIsAcceptedAndItsProcessQueued() {
        customers();
        var answer =
                system.post("{\"database\":\"%s\",\"requestedBy\":\"ci\"}".formatted(database));
        String id = system.accepted(answer);

        assertEquals("/db-migrate/" + id, answer.header("location").orElseThrow());
        assertEquals("1", answer.header("retry-after").orElseThrow());
        assertEquals("application/json", answer.header("content-type").orElseThrow());
        var process = answer.json();
        assertEquals(
                List.of(
                        "processId",
                        "command",
                        "database",
                        "state",
                        "attempt",
                        "requestedBy",
                        "requestedAt",
                        "startedAt",
                        "finishedAt",
                        "databaseCreated",
                        "schemaVersion",
                        "progress",
                        "migrations",
                        "attempts",
                        "warnings",
                        "result",
                        "error",
                        "links"),
                names(process));
        assertEquals("7", id.substring(14, 15), "ids are UUIDv7");
        assertEquals("migrate", process.at("/command").asText());
        assertEquals(database, process.at("/database").asText());
        assertEquals("QUEUED", process.at("/state").asText());
        assertEquals(0, process.at("/attempt").asInt());
        assertEquals("ci", process.at("/requestedBy").asText());
        assertTrue(process.at("/requestedAt").asText().matches(RFC_3339));
        for (String absent : List.of("startedAt", "finishedAt", "result", "error")) {
            assertTrue(process.required(absent).isNull(), absent);
        }
        assertEquals("{\"before\":null,\"now\":null}", process.at("/schemaVersion").toString());
        assertEquals(
                "{\"applied\":0,\"total\":null,\"current\":null}",
                process.at("/progress").toString());
        assertEquals("[]", process.at("/migrations").toString());
        assertEquals("/db-migrate/" + id, process.at("/links/self").asText());
        system.completed(id);
    }

    @Test
    void processCreatesTheMissingDatabaseAndAppliesEachMigrationOnce() {
        customers();
        assertEquals(0, databases());
        String id = system.accepted(database);
        var process = system.completed(id);

        assertEquals(1, databases());
        assertEquals(
                List.of("Ada", "Grace"),
                POSTGRES.query(database, "select name from names order by 1"));
        var scripts = List.of("V1__customer.sql", "V2__first_customers.sql", "R__names.sql");
        assertEquals(scripts, RunningSystem.history(database));
        assertTrue(process.at("/databaseCreated").asBoolean());
        assertEquals("{\"before\":null,\"now\":\"2\"}", process.at("/schemaVersion").toString());
        assertEquals(
                "{\"applied\":3,\"total\":3,\"current\":null}", process.at("/progress").toString());
        assertEquals(1, process.at("/attempt").asInt());
        assertEquals("[]", process.at("/attempts").toString());
        assertTrue(process.at("/error").isNull());

        var applied = process.at("/migrations");
        assertEquals(scripts, texts(applied, "script"));
        assertEquals(List.of("1", "2", "null"), texts(applied, "version"));
        assertEquals(
                List.of("customer", "first customers", "names"), texts(applied, "description"));
        assertEquals(List.of("applied", "applied", "applied"), texts(applied, "state"));
        applied.forEach(one -> assertTrue(one.required("durationMs").asLong() >= 0, one::toString));
        assertInOrder(
                Stream.of(
                                List.of(process.at("/requestedAt").asText()),
                                List.of(process.at("/startedAt").asText()),
                                texts(applied, "startedAt"),
                                List.of(process.at("/finishedAt").asText()))
                        .flatMap(List::stream)
                        .toList());
        assertTrue(system.get("/db-migrate/" + id).header("retry-after").isEmpty());
    }

    @Test
    void databaseThatIsUpToDateIsLeftAsItIs() {
        customers();
        system.completed(system.accepted(database));
        var process = system.completed(system.accepted(database));
        assertFalse(process.at("/databaseCreated").asBoolean());
        assertEquals("{\"before\":\"2\",\"now\":\"2\"}", process.at("/schemaVersion").toString());
        assertEquals(
                "{\"applied\":0,\"total\":0,\"current\":null}", process.at("/progress").toString());
        assertEquals(3, RunningSystem.history(database).size());
    }

    @Test
    void postWithoutBodyMigratesTheDatabaseOfTheUrl() {
        customers();
        var process =
                system.completed(system.accepted(system.send("POST", "/db-migrate", new byte[0])));
        assertTrue(process.at("/database").asText().startsWith("e2e_own"), process::toString);
        assertEquals(3, RunningSystem.history(process.at("/database").asText()).size());
    }

    @Test
    void getWhileAMigrationRunsShowsIt() {
        migrations
                .with("V1__gate.sql", MigrationFolder.GATE)
                .with("V2__wait_for_it.sql", MigrationFolder.WAITING);
        String id = system.accepted(database);
        var process = system.running(id, "V2__wait_for_it.sql");
        assertEquals("RUNNING", process.at("/state").asText());
        assertEquals("1", process.at("/schemaVersion/now").asText());
        assertEquals(1, process.at("/progress/applied").asInt());
        assertEquals(2, process.at("/progress/total").asInt());
        assertEquals("2", process.at("/progress/current/version").asText());
        assertEquals("wait for it", process.at("/progress/current/description").asText());
        assertTrue(process.at("/progress/current/startedAt").asText().matches(RFC_3339));
        assertEquals(List.of("V1__gate.sql"), texts(process.at("/migrations"), "script"));
        assertEquals("1", system.get("/db-migrate/" + id).header("retry-after").orElseThrow());

        POSTGRES.execute(database, MigrationFolder.OPEN_GATE);
        assertTrue(system.completed(id).at("/progress/current").isNull());
    }

    @Test
    void createIndexConcurrentlyCompletes() {
        migrations
                .with(
                        "V1__orders.sql",
                        "create table orders as select generate_series(1, 1000) as id;")
                .with("V2__index.sql", "create index concurrently orders_id on orders (id);")
                .with("V3__after.sql", "comment on table orders is 'indexed';");
        system.completed(system.accepted(database));
        assertEquals(
                List.of("t"),
                POSTGRES.query(
                        database,
                        "select indisvalid from pg_index where indexrelid = 'orders_id'::regclass"));
        assertEquals(3, RunningSystem.history(database).size());
    }

    @Test
    void allowedPlaceholderReachesTheSqlAndIsNeverEchoed() {
        migrations.with("V1__tenant.sql", "create table tenant as select '${tenant}' as name;");
        String value = "Blue.tenant_7-x";
        var answer = postWithTenant(value);
        var process = system.completed(system.accepted(answer));
        assertEquals(List.of(value), POSTGRES.query(database, "select name from tenant"));
        assertFalse(answer.text().contains(value), answer::text);
        assertFalse(process.toString().contains(value), process::toString);
    }

    @Test
    void placeholderIsNotEchoedInAnErrorEither() {
        migrations.with(
                "V1__tenant.sql", "select name from missing_${tenant} where name = '${tenant}';");
        String value = "zebra_42";
        var process = system.failed(system.accepted(postWithTenant(value)));
        assertEquals("42P01", process.at("/error/sqlState").asText());
        assertTrue(
                process.at("/error/statement").asText().contains("missing_${tenant}"),
                process::toPrettyString);
        assertFalse(process.toString().contains(value), process::toPrettyString);
        assertFalse(process.toString().contains("zebra"), process::toPrettyString);
    }

    private Answer postWithTenant(String value) {
        return system.post(
                "{\"database\":\"%s\",\"placeholders\":{\"tenant\":\"%s\"}}"
                        .formatted(database, value));
    }

    @Test
    void migrationsEndAtTheTarget() {
        migrations
                .with("V1__a.sql", "create table a ();")
                .with("V1.5__b.sql", "create table b ();")
                .with("V2__c.sql", "create table c ();");
        var process = system.completed(system.accepted(postWith("\"target\":\"1.5\"")));
        assertEquals("1.5", process.at("/schemaVersion/now").asText());
        assertEquals(2, process.at("/progress/total").asInt());
        assertEquals(List.of("V1__a.sql", "V1.5__b.sql"), RunningSystem.history(database));

        var rest = system.completed(system.accepted(postWith("\"target\":\"latest\"")));
        assertEquals(List.of("V2__c.sql"), texts(rest.at("/migrations"), "script"));
    }

    @Test
    void targetNextAppliesOneMigration() {
        migrations.with("V1__a.sql", "create table a ();").with("V2__b.sql", "create table b ();");
        var process = system.completed(system.accepted(postWith("\"target\":\"next\"")));
        assertEquals("1", process.at("/schemaVersion/now").asText());
        assertEquals(List.of("V1__a.sql"), RunningSystem.history(database));
        assertEquals(
                "{\"applied\":1,\"total\":1,\"current\":null}", process.at("/progress").toString());
    }

    @Test
    void olderVersionThatComesLaterIsAppliedOutOfOrderOnly() {
        migrations.with("V1__a.sql", "create table a ();").with("V3__c.sql", "create table c ();");
        system.completed(system.accepted(database));
        migrations.with("V2__b.sql", "create table b ();");

        var refused = system.failed(system.accepted(database));
        assertEquals("OUT_OF_ORDER", refused.at("/error/code").asText());
        var process = system.completed(system.accepted(postWith("\"outOfOrder\":true")));
        assertEquals(
                List.of("V1__a.sql", "V3__c.sql", "V2__b.sql"), RunningSystem.history(database));
        assertEquals("{\"before\":\"3\",\"now\":\"3\"}", process.at("/schemaVersion").toString());
    }

    @Test
    void repeatableRunsAgainWhenItsTextHasChanged() {
        customers();
        system.completed(system.accepted(database));
        migrations.with(
                "R__names.sql",
                "create or replace view names as select upper(name) as name from customer;");
        var process = system.completed(system.accepted(database));
        assertEquals(List.of("R__names.sql"), texts(process.at("/migrations"), "script"));
        assertEquals("2", process.at("/schemaVersion/now").asText());
        assertEquals(
                List.of("ADA", "GRACE"),
                POSTGRES.query(database, "select name from names order by 1"));
    }

    @Test
    void requestedByIsKeptAsItWasWritten() {
        customers();
        String who = "Zoë's \\\"pipeline\\\" № 7, 👩‍🚀 -- '; drop table x";
        String id = system.accepted(postWith("\"requestedBy\":\"" + who + "\""));
        assertEquals(who.replace("\\\"", "\""), system.completed(id).at("/requestedBy").asText());
    }

    @Test
    void bodyThatTheGatewaySendsAsBase64IsRead() {
        customers();
        var answer =
                system.send(
                        "POST",
                        "/db-migrate",
                        "{\"database\":\"%s\"}"
                                .formatted(database)
                                .getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        "Content-Type",
                        "application/vnd.example+json");
        system.completed(system.accepted(answer));
        assertEquals(3, RunningSystem.history(database).size());
    }

    private Answer postWith(String members) {
        return system.post("{\"database\":\"%s\",%s}".formatted(database, members));
    }

    private int databases() {
        return POSTGRES.query(
                        "postgres", "select from pg_database where datname = '" + database + "'")
                .size();
    }

    private static List<String> names(JsonNode object) {
        return object.propertyStream().map(Map.Entry::getKey).toList();
    }

    private static List<String> texts(JsonNode array, String member) {
        return array.valueStream().map(one -> one.required(member).asText()).toList();
    }

    private static void assertInOrder(List<String> times) {
        times.forEach(time -> assertTrue(time.matches(RFC_3339), time));
        assertEquals(
                times.stream().map(Instant::parse).sorted().toList(),
                times.stream().map(Instant::parse).toList());
    }
}
