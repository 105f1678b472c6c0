package dbmigrate.worker;

import static dbmigrate.worker.CommandFixture.code;
import static dbmigrate.worker.CommandFixture.pairs;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import dbmigrate.process.Claim;
import dbmigrate.process.Command;
import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import dbmigrate.process.MigrationProcess;
import dbmigrate.process.ProcessState;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where warnings are shown, and when they refuse; WarningsTest has what is warned of. */
@Tag("database")
@Timeout(120)
class PendingWarningsTest {
    @TempDir Path migrations;

    private CommandFixture fixture;

    @BeforeEach
    void open() throws SQLException {
        fixture = new CommandFixture(migrations);
        fixture.file("V1__a.sql", "create table a (id int);\ncreate index on a (id);").migrated();
    }

    @AfterEach
    void close() throws SQLException {
        fixture.close();
    }

    @Test
    void infoTellsThemOfWhatIsPending() throws SQLException {
        fixture.file("V2__b.sql", "select 1;\n-- why not\ncreate index on a (id);")
                .file("V3__c.sql", "create table b (id int);\ncreate index on b (id);")
                .file("V4__d.sql", "truncate a;");
        MigrationProcess row = fixture.row(Command.INFO);
        assertEquals(ProcessState.COMPLETED, row.state());
        assertEquals(
                List.of("create-index V2__b.sql", "truncate V4__d.sql"),
                pairs(row, "warnings", "rule", "script"));
        JsonObject first = CommandFixture.result(row).objects("warnings").getFirst();
        assertEquals(Optional.of(3), first.integer("line"));
        assertEquals(Optional.of("public.a"), first.string("object"));
        assertEquals(Optional.of("create index on a (id)"), first.string("statement"));
        assertTrue(first.string("safeWay").orElseThrow().contains("CONCURRENTLY"));
    }

    @Test
    void nothingPendingHasNone() throws SQLException {
        assertEquals(List.of(), pairs(fixture.row(Command.INFO), "warnings", "rule", "script"));
    }

    @Test
    void migrateRunsAndTellsThemInItsRow() throws SQLException, MalformedJsonException {
        fixture.file("V2__b.sql", "create index on a (id); update a set id = 4711;");
        MigrationProcess row = fixture.row(Command.MIGRATE);
        assertEquals(ProcessState.COMPLETED, row.state());
        String warnings = row.warnings().orElseThrow();
        assertEquals(
                List.of("create-index", "write-all-rows"),
                JsonObject.of(Json.read("{\"all\":" + warnings + "}")).objects("all").stream()
                        .map(one -> one.string("rule").orElseThrow())
                        .toList());
        assertFalse(warnings.contains("4711"), warnings);
    }

    @Test
    void firstMigrationOfAnEmptyDatabaseHasNone() throws SQLException {
        fixture.execute("drop table a; drop table flyway_schema_history");
        fixture.file("V2__b.sql", "truncate a; alter table a add unique (id)");
        MigrationProcess row = fixture.row(Command.MIGRATE);
        assertEquals(ProcessState.COMPLETED, row.state());
        assertEquals(Optional.of("[]"), row.warnings());
    }

    @Test
    void placeholderHasItsValueWhereItIsReadAndNotWhereItIsShown() throws SQLException {
        fixture.run.with(Map.of("FLYWAY_PLACEHOLDERS_TABLE", "a"));
        fixture.file("V2__b.sql", "alter table ${table} add unique (id) -- ${flyway:database}");
        MigrationProcess row = fixture.row(Command.INFO);
        assertEquals(List.of("add-unique V2__b.sql"), pairs(row, "warnings", "rule", "script"));
    }

    @Test
    void failOnWarningRefusesBeforeAnythingRuns() throws SQLException {
        fixture.run.failOnWarning();
        fixture.file("V2__b.sql", "create table b (id int)")
                .file("V3__c.sql", "select 1;\nalter table a add unique (id);");
        MigrationProcess row = fixture.row(Command.MIGRATE);
        assertEquals(ProcessState.FAILED, row.state());
        assertEquals(FailureCode.DANGEROUS_STATEMENT, code(row));
        Failure failure = row.error().orElseThrow();
        assertEquals(Optional.of("V3__c.sql"), failure.script());
        assertEquals(Optional.of(2), failure.line());
        assertEquals(Optional.of("alter table a add unique (id)"), failure.statement());
        assertTrue(
                failure.detail().startsWith("V3__c.sql line 2, add-unique (public.a): builds"),
                failure.detail());
        assertTrue(row.warnings().orElseThrow().contains("add-unique"));
        assertEquals(List.of(), fixture.query("select 1 from pg_class where relname = 'b'"));
    }

    @Test
    void validateTellsWhatFailOnWarningWouldRefuse() throws SQLException {
        fixture.file("V2__b.sql", "truncate a");
        assertEquals(ProcessState.COMPLETED, fixture.row(Command.VALIDATE).state());
        fixture.run.failOnWarning();
        MigrationProcess row = fixture.row(Command.VALIDATE);
        assertEquals(FailureCode.VALIDATION_FAILED, code(row));
        assertEquals(
                List.of("DANGEROUS_STATEMENT V2__b.sql"),
                pairs(row, "differences", "code", "script"));
    }

    @ParameterizedTest
    @EnumSource(names = {"REHEARSE", "REHEARSE_COPY"})
    void rehearsalWarnsByWhatStandsInTheTarget(Command command) throws SQLException {
        fixture.execute("insert into a select generate_series(1, 1234)");
        fixture.execute("analyze a");
        fixture.file("V2__i.sql", "create index i on a (id);");
        MigrationProcess row = fixture.row(command);
        assertEquals(ProcessState.COMPLETED, row.state(), row::toString);
        assertEquals(List.of("create-index public.a"), pairs(row, "warnings", "rule", "object"));
        assertEquals(
                Optional.of(1234),
                CommandFixture.result(row).objects("warnings").getFirst().integer("rows"));
    }

    @ParameterizedTest
    @EnumSource(names = {"REHEARSE", "REHEARSE_COPY"})
    void failOnWarningFailsARehearsalThatHasMeasuredAllTheSame(Command command)
            throws SQLException {
        fixture.run.failOnWarning();
        fixture.file("V2__i.sql", "create index i on a (id);");
        MigrationProcess row = fixture.row(command);
        assertEquals(FailureCode.DANGEROUS_STATEMENT, code(row));
        assertEquals(List.of("V2__i.sql ran"), pairs(row, "rehearsed", "script", "state"));
    }

    @Test
    void failOnWarningLetsPassWhatACommentAccepts() throws SQLException {
        fixture.run.failOnWarning();
        fixture.file(
                "V2__b.sql",
                """
                select 1;
                -- db-migrate: accept add-unique because the table has ten rows
                alter table a add unique (id);
                """);
        MigrationProcess row = fixture.row(Command.MIGRATE);
        assertEquals(ProcessState.COMPLETED, row.state());
        assertTrue(row.warnings().orElseThrow().contains("the table has ten rows"));
    }

    @Test
    void blockCommentAcceptsAndOneThatAcceptsNothingIsToldAtItsLine() throws SQLException {
        fixture.file(
                "V2__b.sql",
                """
                select 'a -- db-migrate: accept nothing';

                /* Nobody reads it.
                 * db-migrate: accept truncate because it is a cache
                 * db-migrate: accept create-indexes because of nothing
                 */
                truncate a; -- db-migrate: accept
                create index on a (id);
                """);
        MigrationProcess row = fixture.row(Command.INFO);
        assertEquals(
                List.of("truncate 7", "unknown-rule 5", "create-index 8", "unknown-rule 7"),
                CommandFixture.result(row).objects("warnings").stream()
                        .map(one ->
                                one.string("rule").orElseThrow()
                                        + " "
                                        + one.integer("line").orElseThrow())
                        .toList());
        assertEquals(
                Optional.of("it is a cache"),
                CommandFixture.result(row).objects("warnings").getFirst().string("accepted"));
    }

    @Test
    void failOnWarningRefusesBehindASearchPathOfTheScriptsOwn() throws SQLException {
        fixture.execute("create schema other; create table other.o (id int)");
        fixture.run.failOnWarning();
        fixture.file("V2__b.sql", "set search_path = other;\ndrop table o;");
        assertEquals(FailureCode.DANGEROUS_STATEMENT, code(fixture.row(Command.MIGRATE)));
        assertEquals(
                List.of("o"), fixture.query("select relname from pg_class where relname = 'o'"));
    }

    /** The warnings take it so. */
    @Test
    void migrationBeginsWithTheSessionsSearchPathAndTheLastOnesTimeZone() throws SQLException {
        fixture.execute("create schema other");
        fixture.file("V2__b.sql", "set search_path = other; set timezone = 'UTC'")
                .file(
                        "V3__c.sql",
                        "create table b as select current_schema() || current_setting('timezone') s")
                .migrated();
        assertEquals(List.of("publicUTC"), fixture.query("select s from public.b"));
    }

    @Test
    void secondAttemptKeepsWhatTheFirstOneWasWarnedOf() throws SQLException {
        fixture.file("V2__b.sql", "truncate a");
        Claim.Claimed claimed = fixture.run.claimed();
        fixture.run.attempts().warned(claimed.attempt(), "[]");
        fixture.run.attempt(claimed, TimeLimit.none());
        assertEquals(Optional.of("[]"), fixture.run.row(claimed).warnings());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                """
                [{"statement": "select '{\\"accepted\\":null}'", "accepted": "a cache"}]\
                """,
                """
                [{"accepted":"a cache","later":{"accepted":null}}]\
                """
            })
    void whatWasLetBeginIsNotRefusedHalfway(String noted) throws SQLException {
        fixture.run.failOnWarning();
        fixture.file("V2__b.sql", "truncate a");
        Claim.Claimed claimed = fixture.run.claimed();
        fixture.run.attempts().warned(claimed.attempt(), noted);
        fixture.run.attempt(claimed, TimeLimit.none());
        assertEquals(ProcessState.COMPLETED, fixture.run.row(claimed).state());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{\"accepted\":null}]",
                "[{\"accepted\": null}]",
                "[{\"accepted\":\"a cache\"}, {\"rule\": \"truncate\", \"accepted\" : null}]"
            })
    void whatWasToBeRefusedIsRefusedByTheNextAttemptToo(String noted) throws SQLException {
        fixture.run.failOnWarning();
        fixture.file("V2__b.sql", "truncate a");
        Claim.Claimed claimed = fixture.run.claimed();
        fixture.run.attempts().warned(claimed.attempt(), noted);
        fixture.run.attempt(claimed, TimeLimit.none());
        assertEquals(
                Optional.of(FailureCode.DANGEROUS_STATEMENT),
                fixture.run.row(claimed).error().map(Failure::code));
    }

    @Test
    void fileThatFlywayCannotParseIsFlywaysToRefuse() throws SQLException {
        fixture.file("V2__b.sql", "truncate a; select '${nowhere}'");
        MigrationProcess row = fixture.row(Command.MIGRATE);
        assertEquals(FailureCode.PLACEHOLDER_MISSING, code(row));
        assertEquals(Optional.of("[]"), row.warnings());
    }
}
