package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dbmigrate.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A migration that cannot be done ends FAILED, and the error says all that helps and no data. */
@Tag("database")
class EndToEndFailureTest {
    private static final TestPostgres POSTGRES = TestPostgres.shared();

    @TempDir static Path parent;
    private static RunningSystem system;

    private final MigrationFolder migrations = new MigrationFolder(parent.resolve("migrations"));
    private final String database = RunningSystem.newDatabase();

    @BeforeAll
    static void start() {
        system = RunningSystem.start(parent.resolve("migrations"), Map.of());
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    @BeforeEach
    void firstMigration() throws IOException {
        migrations.clear();
        migrations.with(
                "V1__account.sql", "create table account (id int primary key, email text unique);");
    }

    @Test
    void badStatementIsNamedAndTheMigrationBeforeItStays() {
        migrations.with(
                "V2__more.sql",
                """
                create table half ();
                -- a comment with hunter2 in it

                insert into account values (1, 'ada@example.com');
                insert into acount
                    values (4711, 'grace@example.com', $q$hunter2$q$);
                """);
        String id = system.accepted(database);
        var process = system.failed(id);

        var error = process.at("/error");
        assertEquals("OBJECT_MISSING", error.at("/code").asText());
        assertEquals("V2__more.sql", error.at("/script").asText());
        assertEquals(5, error.at("/line").asInt());
        assertEquals("42P01", error.at("/sqlState").asText());
        assertTrue(
                error.at("/detail").asText().contains("relation \"acount\" does not exist"),
                error::toPrettyString);
        String statement = error.at("/statement").asText();
        assertTrue(statement.startsWith("insert into acount"), statement);
        assertSaysNothingOf(process, "4711", "grace@", "ada@", "hunter2");

        assertEquals(List.of("V1__account.sql"), RunningSystem.history(database));
        assertEquals(List.of("0"), POSTGRES.query(database, "select count(*) from account"));
        assertEquals(List.of(""), POSTGRES.query(database, "select to_regclass('half')"));
        assertEquals("1", process.at("/schemaVersion/now").asText());
        assertEquals(1, process.at("/progress/applied").asInt());
        assertEquals(2, process.at("/progress/total").asInt());
        assertTrue(process.at("/progress/current").isNull());
        assertEquals("applied", process.at("/migrations/0/state").asText());
        assertEquals("V2__more.sql", process.at("/migrations/1/script").asText());
        assertEquals("failed", process.at("/migrations/1/state").asText());
        assertTrue(system.get("/db-migrate/" + id).header("retry-after").isEmpty());
    }

    @Test
    void correctedMigrationCompletesAfterItFailed() {
        migrations.with("V2__more.sql", "alter table acount add phone text;");
        system.failed(system.accepted(database));
        migrations.with("V2__more.sql", "alter table account add phone text;");
        var process = system.completed(system.accepted(database));
        assertEquals("{\"before\":\"1\",\"now\":\"2\"}", process.at("/schemaVersion").toString());
        assertEquals(List.of("V1__account.sql", "V2__more.sql"), RunningSystem.history(database));
    }

    @Test
    void dataInPostgresOwnDetailIsMasked() {
        migrations.with(
                "V2__twice.sql",
                "insert into account values (1, 'ada@example.com'), (2, 'ada@example.com');");
        var process = system.failed(system.accepted(database));
        assertEquals("23505", process.at("/error/sqlState").asText());
        assertTrue(
                process.at("/error/detail").asText().contains("account_email_key"),
                process::toPrettyString);
        assertSaysNothingOf(process, "ada@");
    }

    @Test
    void failureInsideAFunctionIsTheMigrationsOwn() {
        migrations.with(
                "V2__raise.sql",
                "do $$ begin raise exception 'no seat for %', 'ada@example.com' using hint = 'sit down'; end $$;");
        var process = system.failed(system.accepted(database));
        assertEquals("P0001", process.at("/error/sqlState").asText());
        assertEquals("V2__raise.sql", process.at("/error/script").asText());
        assertEquals(1, process.at("/error/line").asInt());
        assertEquals("sit down", process.at("/error/hint").asText());
    }

    @Test
    void changedChecksumIsRefused() {
        system.completed(system.accepted(database));
        migrations.with("V1__account.sql", "create table account (id bigint);");
        var process = system.failed(system.accepted(database));
        assertEquals("CHECKSUM_CHANGED", process.at("/error/code").asText());
        assertTrue(
                process.at("/error/detail").asText().contains("checksum"), process::toPrettyString);
        assertTrue(
                process.at("/error/detail").asText().contains("version 1"),
                process::toPrettyString);
    }

    @Test
    void appliedMigrationThatIsMissingIsRefused() throws IOException {
        system.completed(system.accepted(database));
        migrations.without("V1__account.sql").with("V2__more.sql", "create table more ();");
        var process = system.failed(system.accepted(database));
        assertEquals("MIGRATION_MISSING", process.at("/error/code").asText());
        assertEquals(List.of(""), POSTGRES.query(database, "select to_regclass('more')"));
    }

    @Test
    void emptyFolderIsNoSuccess() throws IOException {
        migrations.clear();
        assertNoMigrationFound();
    }

    @Test
    void missingFolderIsNoSuccess() throws IOException {
        migrations.clear();
        Files.delete(migrations.path());
        assertNoMigrationFound();
    }

    private void assertNoMigrationFound() {
        var process = system.failed(system.accepted(database));
        assertEquals("NO_MIGRATIONS_FOUND", process.at("/error/code").asText());
        assertTrue(
                process.at("/error/detail").asText().contains(migrations.path().toString()),
                process::toPrettyString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "V2_one_underscore.sql",
                "v2__lower_case.sql",
                "V__no_version.sql",
                "add_table.sql"
            })
    void misnamedFileIsNotPassedOver(String file) {
        migrations.with(file, "create table lost ();");
        var process = system.failed(system.accepted(database));
        assertEquals("MIGRATION_MISNAMED", process.at("/error/code").asText());
        assertTrue(process.at("/error/detail").asText().contains(file), process::toPrettyString);
        assertEquals(file, process.at("/error/script").asText());
    }

    @Test
    void twoFilesOfOneVersionAreRefused() {
        migrations.with("V1__other.sql", "create table other ();");
        var process = system.failed(system.accepted(database));
        assertEquals("MIGRATION_DUPLICATE", process.at("/error/code").asText());
    }

    @Test
    void targetThatNoMigrationHasIsRefused() {
        var answer = system.post("{\"database\":\"%s\",\"target\":\"99\"}".formatted(database));
        var process = system.failed(system.accepted(answer));
        assertTrue(process.at("/error/detail").asText().contains("99"), process::toPrettyString);
    }

    @Test
    void placeholderThatNobodySetIsNamed() {
        migrations.with("V2__tenant.sql", "select '${nobody_set_this}';");
        var process = system.failed(system.accepted(database));
        assertTrue(
                process.at("/error/detail").asText().contains("nobody_set_this"),
                process::toPrettyString);
        assertEquals(List.of("V1__account.sql"), RunningSystem.history(database));
    }

    /** Neither its answer nor its row says it. */
    private static void assertSaysNothingOf(JsonNode process, String... data) {
        String row =
                system.rows().stream()
                        .filter(one -> one.contains(process.required("processId").asText()))
                        .findFirst()
                        .orElseThrow();
        for (String one : data) {
            assertFalse(process.toString().contains(one), process::toPrettyString);
            assertFalse(row.contains(one), row);
        }
    }
}
