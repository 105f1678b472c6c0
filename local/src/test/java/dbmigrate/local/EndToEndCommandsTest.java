package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dbmigrate.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * info, validate, repair, baseline and rehearse: over HTTP, and as {@code bin/db-migrate} shows
 * them.
 */
@Tag("database")
class EndToEndCommandsTest {
    private static final TestPostgres POSTGRES = TestPostgres.shared();

    @TempDir static Path folder;
    @TempDir static Path runs;
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
    void twoMigrations() throws IOException {
        migrations.clear();
        migrations.with("V1__a.sql", "create table a ();").with("V2__b.sql", "create table b ();");
    }

    static Stream<CommandLine> shells() {
        return CommandLine.installed();
    }

    @Test
    void infoOfADatabaseThatDoesNotExistSaysThatEverythingIsPendingAndMakesNone() {
        JsonNode process = system.completed(started("info", ""));
        JsonNode result = process.required("result");
        assertFalse(result.required("databaseExists").asBoolean());
        assertEquals(2, result.at("/counts/PENDING").asInt());
        assertEquals(
                List.of(),
                POSTGRES.query(
                        "postgres",
                        "select 1 from pg_database where datname = '" + database + "'"));
    }

    @Test
    void commandsOfOneDatabaseFollowEachOther() {
        POSTGRES.execute("postgres", "create database " + database);
        POSTGRES.execute(database, "create table a ()");
        JsonNode refused = system.failed(started("validate", ""));
        assertEquals("VALIDATION_FAILED", refused.at("/error/code").asText());
        assertEquals("BASELINE_MISSING", refused.at("/result/differences/0/code").asText());
        JsonNode baseline =
                system.completed(
                        started(
                                "baseline",
                                ", \"baselineVersion\": \"1\", \"baselineDescription\": \"by hand\""));
        assertTrue(baseline.at("/result/created").asBoolean());
        assertEquals("1", baseline.at("/schemaVersion/now").asText());
        system.completed(system.accepted(database));
        migrations.with("V2__b.sql", "create table b (changed int);");
        assertEquals(
                "CHECKSUM_CHANGED",
                system.failed(started("validate", "")).at("/result/differences/0/code").asText());
        JsonNode repair = system.completed(started("repair", ""));
        assertEquals("V2__b.sql", repair.at("/result/aligned/0/script").asText());
        assertTrue(system.completed(started("validate", "")).at("/result/valid").asBoolean());
    }

    @Test
    void sameKeyWithAnotherCommandIsAnotherRequest() {
        Answer first = post("info", "", "Idempotency-Key", "commands");
        assertEquals(202, first.status());
        assertEquals(200, post("info", "", "Idempotency-Key", "commands").status());
        Answer other = post("validate", "", "Idempotency-Key", "commands");
        assertEquals(422, other.status());
        assertEquals("IDEMPOTENCY_KEY_REUSED", other.json().required("code").asText());
        system.completed(system.accepted(first));
    }

    @Test
    void listShowsTheCommandAndNoResult() {
        String id = started("info", "");
        system.completed(id);
        JsonNode listed = system.get("/db-migrate?database=" + database).json().at("/processes/0");
        assertEquals("info", listed.required("command").asText());
        assertFalse(listed.has("result"));
    }

    @ParameterizedTest
    @MethodSource("shells")
    void commandLineShowsTheReports(CommandLine shell) throws Exception {
        var info = run(shell, 0, "info");
        assertLine(info, "The database does not exist; .*");
        assertLine(info, "1 +PENDING  V1__a\\.sql +-?[0-9]+");
        run(shell, 0, "migrate");
        migrations.with("V1__a.sql", "create table a (changed int);");
        var changed = run(shell, 0, "info");
        assertLine(changed, "1 +SUCCESS  V1__a\\.sql .* UTC, changed since: it was -?[0-9]+");
        assertLine(changed, ".*COMPLETED after [^:]*");
        var refused = run(shell, 1, "validate");
        assertLine(refused, ". CHECKSUM_CHANGED  V1__a\\.sql");
        assertLine(refused, ".*FAILED after .*");
        var repaired = run(shell, 0, "repair");
        assertLine(repaired, "V1__a\\.sql  aligned with its file: checksum -?[0-9]+, was -?[0-9]+");
        assertLine(run(shell, 0, "validate"), "No difference: .*; 0 to be run\\.");
        assertLine(run(shell, 0, "repair"), "There was nothing to repair\\.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"target", "copy"})
    void rehearsalSaysWhatAMigrationWouldDoAndLeavesNothing(String on) throws IOException {
        migrations.clear();
        migrations.with("V1__a.sql", "create table a (id int); insert into a values (1), (2);");
        system.completed(system.accepted(database));
        migrations
                .with("V2__b.sql", "alter table a alter column id type bigint;")
                .with("V3__c.sql", "create index concurrently c on a (id);")
                .with("V4__d.sql", "insert into a values (1); insert into missing values (1);");
        JsonNode process = system.failed(started("rehearse", ", \"on\": \"" + on + "\""));
        assertEquals("rehearse", process.required("command").asText());
        assertEquals("OBJECT_MISSING", process.at("/error/code").asText());
        assertEquals(on, process.at("/result/on").asText());
        assertEquals("public.a", process.at("/result/rehearsed/0/rewritten/0").asText());
        assertEquals("change-column-type", process.at("/result/warnings/0/rule").asText());
        assertEquals(
                on.equals("copy") ? "ran" : "notRun",
                process.at("/result/rehearsed/1/state").asText());
        assertEquals("failed", process.at("/result/rehearsed/2/state").asText());
        assertEquals(List.of("2"), POSTGRES.query(database, "select count(*) from a"));
        assertEquals(
                List.of("1"),
                POSTGRES.query(database, "select version from flyway_schema_history"));
        assertEquals(
                List.of(),
                POSTGRES.query(
                        "postgres",
                        "select datname from pg_database where datname like 'db_migrate_rehearsal_%'"));
    }

    @ParameterizedTest
    @MethodSource("shells")
    void commandLineShowsARehearsalAsATable(CommandLine shell) throws Exception {
        var empty = run(shell, 0, "rehearse");
        assertLine(empty, "The database does not exist; rehearsed in an empty one, .*");
        assertLine(empty, "1 +ran +V1__a\\.sql +[0-9.]+ m?s +0");
        assertLine(empty, " +created +table public\\.a");
        run(shell, 0, "migrate");
        migrations
                .with("V3__c.sql", "alter table a add column id int; insert into a values (1);")
                .with("V4__d.sql", "vacuum a;")
                .with("V5__e.sql", "select 1 / 0;")
                .with("V6__f.sql", "select 1;");
        var target = run(shell, 1, "rehearse");
        assertLine(target, "Rehearsed in the database itself; everything was rolled back\\.");
        assertLine(target, "3 +ran +V3__c\\.sql +[0-9.]+ m?s +1");
        assertLine(target, " +locks +AccessExclusiveLock on public\\.a");
        assertLine(target, "4 +not run +V4__d\\.sql");
        assertLine(target, " +why +it runs without a transaction: .*");
        assertLine(target, "5 +failed +V5__e\\.sql .*");
        assertLine(target, "6 +not reached +V6__f\\.sql");
        var copy = run(shell, 1, "--on", "copy", "--statistics", "rehearse");
        assertLine(copy, "Rehearsed in a copy of the schema, .*");
        assertLine(copy, "4 +ran +V4__d\\.sql .*");
        assertEquals(2, commandLine(shell, "--on", "moon", "rehearse").exit());
    }

    @ParameterizedTest
    @MethodSource("shells")
    void commandLineWarnsOfDangerousStatements(CommandLine shell) throws Exception {
        run(shell, 0, "migrate");
        migrations.with(
                "V3__c.sql",
                """
                -- db-migrate: accept truncate because nobody uses it
                truncate a;
                create index c on a ((1));
                """);
        for (String command : List.of("info", "rehearse", "migrate")) {
            var said = run(shell, 0, command);
            assertLine(said, "truncate  V3__c\\.sql:2  public\\.a.*");
            assertLine(said, " +accepted +nobody uses it");
            assertLine(said, "create-index  V3__c\\.sql:3  public\\.a.*");
            assertLine(said, " +create index c on a .*");
            assertLine(said, " +why +nobody writes the table while the index is built.*");
            assertLine(said, " +safe +CREATE INDEX CONCURRENTLY .*");
        }
    }

    @ParameterizedTest
    @MethodSource("shells")
    void commandLineBaselines(CommandLine shell) throws Exception {
        POSTGRES.execute("postgres", "create database " + database);
        var baseline =
                run(
                        shell,
                        0,
                        "--baseline-version=2",
                        "--baseline-description",
                        "by \"hand\"",
                        "baseline");
        assertLine(baseline, "baseline 2 \"by \"hand\"\"");
        var again = run(shell, 1, "--baseline-version=1", "baseline");
        assertLine(again, "  BASELINE_REFUSED: .*");
        assertEquals(2, commandLine(shell, "--target", "1", "baseline").exit());
    }

    private CommandLine.Result run(CommandLine shell, int exit, String... arguments)
            throws Exception {
        var result = commandLine(shell, arguments);
        assertEquals(exit, result.exit(), result::toString);
        return result;
    }

    private CommandLine.Result commandLine(CommandLine shell, String... arguments)
            throws Exception {
        var all =
                new ArrayList<>(
                        List.of(
                                "--url",
                                "http://127.0.0.1:" + system.port(),
                                "--database",
                                database));
        all.addAll(List.of(arguments));
        return shell.run(runs, all.toArray(String[]::new));
    }

    private String started(String command, String more) {
        return system.accepted(post(command, more));
    }

    private Answer post(String command, String more, String... headers) {
        return system.post(
                "{\"command\": \"%s\", \"database\": \"%s\"%s}".formatted(command, database, more),
                headers);
    }

    private static void assertLine(CommandLine.Result result, String pattern) {
        assertTrue(result.out().lines().anyMatch(line -> line.matches(pattern)), result::toString);
    }
}
