package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.process.Claim;
import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a caller reads of failures that a real server really produced. */
@Tag("database")
class FailuresTest {
    private static final String ENDLESS = "copy t from stdin;\n1\n";

    @TempDir Path migrations;

    @TempDir Path elsewhere;

    private RunFixture fixture;

    @BeforeEach
    void open() {
        fixture = new RunFixture(migrations);
    }

    @AfterEach
    void close() throws SQLException {
        fixture.close();
    }

    @Test
    void badSqlNamesScriptLineStateAndPostgresMessage() throws SQLException {
        Failure failure =
                failure(
                        """
                        create table t (id int);

                        insert into t
                        select 'hunter2'
                          from missing;
                        """);
        assertEquals(FailureCode.OBJECT_MISSING, failure.code());
        assertEquals("relation \"missing\" does not exist", failure.detail());
        assertEquals(Optional.of("42P01"), failure.sqlState());
        assertEquals(Optional.of("V1__it.sql"), failure.script());
        assertEquals(Optional.of(5), failure.line());
        assertTrue(failure.statement().orElseThrow().startsWith("insert into t"));
        assertFalse(failure.toString().contains("hunter2"), failure.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 1;\n\nselect * from missing",
                "-- a comment\n/* and\n*/ select * from missing",
                "select 1; -- of the first\n-- of the second\nselect *\nfrom missing",
                "select\n1; select 2,\n  x from missing",
            })
    void lineIsThatOfTheErrorWhateverStandsBefore(String sql) throws SQLException {
        long line =
                1 + sql.substring(0, sql.indexOf("missing")).chars().filter(c -> c == '\n').count();
        int column = sql.indexOf("missing") - sql.lastIndexOf('\n', sql.indexOf("missing"));
        Failure failure = failure(sql);
        assertEquals(Optional.of((int) line), failure.line());
        assertEquals(Optional.of(column), failure.column());
    }

    @Test
    void columnIsLeftOutWhereTheLineHoldsTheSameStatementTwice() throws SQLException {
        Failure failure =
                failure(
                        "create table t (a int unique);\n"
                                + "insert into t values (1); insert into t values (1);");
        assertEquals(Optional.of(2), failure.line());
        assertEquals(Optional.empty(), failure.column());
    }

    @Test
    void placeholderCountsWithItsValue() throws SQLException {
        Failure failure =
                failure("select 1; select '${who}' from missing", Map.of("who", "tenant_4711"));
        assertEquals(
                Optional.of("select 1; select 'tenant_4711' from missing".indexOf("missing") + 1),
                failure.column());
    }

    @Test
    void errorInsideAFunctionIsPlacedWhereTheStatementBeginsAndItsContextIsNotShown()
            throws SQLException {
        Failure failure =
                failure(
                        """
                        create function f(t text) returns void language plpgsql as
                            $$ begin perform t::int; end $$;
                          select f('hunter2');
                        """);
        assertEquals(FailureCode.SQL_FAILED, failure.code());
        assertEquals(Optional.of("22P02"), failure.sqlState());
        assertEquals(Optional.of(3), failure.line());
        assertEquals(Optional.of(3), failure.column());
        assertEquals(Optional.empty(), failure.position());
        assertFalse(failure.toString().contains("hunter2"), failure.toString());
        assertFalse(failure.toString().contains("PL/pgSQL"), failure.toString());
    }

    @Test
    void violatedConstraintIsNamedAndItsValuesAreNot() throws SQLException {
        Failure failure =
                failure(
                        """
                        create table t (email text constraint one_each unique);
                        insert into t values ('a@b.c'), ('a@b.c');
                        """);
        assertEquals(Optional.of("23505"), failure.sqlState());
        assertTrue(failure.detail().contains("one_each"), failure.detail());
        assertTrue(failure.detail().contains("Key (email)=(…)"), failure.detail());
        assertFalse(failure.toString().contains("a@b.c"), failure.toString());
    }

    @Test
    void valueOfAPlaceholderIsNotEchoed() throws SQLException {
        Failure failure = failure("select * from ${table}", Map.of("table", "tenant_4711"));
        assertFalse(failure.toString().contains("4711"), failure.toString());
        assertTrue(failure.toString().contains("${table}"), failure.toString());
    }

    @Test
    void messageAndHintOfARaiseAreShownAndItsDetailIsNot() throws SQLException {
        Failure failure =
                failure(
                        "do $$ begin raise exception 'no such tenant' using detail = 'hunter2',"
                                + " hint = 'create it'; end $$");
        assertEquals("no such tenant", failure.detail());
        assertEquals(Optional.of("create it"), failure.hint());
        assertFalse(failure.toString().contains("hunter2"), failure.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"23505", "42501", "40P02", "AB123"})
    void detailOfARaiseIsNotShownWhateverItsErrcode(String sqlState) throws SQLException {
        Failure failure =
                failure(
                        "do $$ begin raise exception 'no such tenant' using detail = 'hunter2',"
                                + " errcode = '%s'; end $$".formatted(sqlState));
        assertEquals("no such tenant", failure.detail());
        assertFalse(failure.toString().contains("hunter2"), failure.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 1 E'pass\\'hunter2'",
                "set standard_conforming_strings = off; select 'it\\'s hunter2' from missing",
                "select 'a\"hunter2\"b'::int",
                "select '{\"a\": hunter2}'::json",
            })
    void literalIsNotShownHoweverItIsQuoted(String sql) throws SQLException {
        Failure failure = failure(sql);
        assertFalse(failure.toString().contains("hunter2"), failure.toString());
    }

    @Test
    void scriptThatFlywayCannotReadIsNamed() throws SQLException {
        Failure failure =
                failure(
                        "create table t (a text);\n"
                                + "create index concurrently i on t (a) where a = $x$hunter2$x$;");
        assertEquals(FailureCode.MIGRATION_FAILED, failure.code());
        assertEquals(Optional.of("V1__it.sql"), failure.script());
        assertTrue(failure.action().startsWith("Split it"), failure.action());
        assertFalse(failure.toString().contains("hunter2"), failure.toString());
    }

    @Test
    void whatTheParserSaysIsShownWithoutThePathOnThisMachine() {
        String said =
                "Unable to parse statement in /opt/migrations/V1__it.sql at line 2 col 7. See https://example.com/x?a=b for more information. It is odd";
        Failure failure =
                new FlywayFailure(new FlywayException(said), new Masking(Map.of()))
                        .in(Optional.of("V1__it.sql"));
        assertEquals("cannot be parsed at line 2, column 7: It is odd", failure.detail());
        assertEquals(Optional.of("V1__it.sql"), failure.script());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "afterMigrate__grants.sql",
                "beforeEachMigrate.sql",
                "afterEachMigrate.sql",
                "afterEachMigrateStatement.sql",
            })
    void failingCallbackIsNamedAndNotTheMigrationBesideIt(String callback) throws SQLException {
        fixture.file(callback, "select 1;\n select * from missing;");
        Failure failure = failure("create table t (a int)");
        assertEquals(Optional.of(callback), failure.script());
        assertEquals(Optional.of(2), failure.line());
        assertEquals("relation \"missing\" does not exist", failure.detail());
    }

    @Test
    void callbackThatFailsUponAFailureDoesNotHideIt() throws SQLException {
        fixture.file("afterMigrateError.sql", "select * from missing");
        Failure failure =
                failure("create table t (a int unique); insert into t values (4711), (4711);");
        assertEquals(FailureCode.CONSTRAINT_VIOLATED, failure.code());
        assertEquals(Optional.of("23505"), failure.sqlState());
        assertEquals(Optional.of("V1__it.sql"), failure.script());
        assertEquals(Optional.of("insert into t values (…), (…)"), failure.statement());
        assertEquals(
                "ERROR: duplicate key value violates unique constraint \"t_a_key\""
                        + " (and afterMigrateError.sql, which ran upon that, failed as well:"
                        + " relation \"missing\" does not exist)",
                failure.detail());
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    select '${who}', PLACEHOLDER_MISSING, afterMigrate.sql
                    select 1; vacuum, MIGRATION_FAILED,
                    """)
    void callbackThatFlywayCannotReadIsNotCalledTheMigrationBeforeIt(
            String sql, FailureCode code, @Nullable String script) throws SQLException {
        fixture.file("afterMigrate.sql", sql);
        Failure failure = failure("create table t (a int)");
        assertEquals(code, failure.code());
        assertEquals(Optional.ofNullable(script), failure.script());
    }

    @ParameterizedTest
    @ValueSource(strings = {"set client_encoding = 'LATIN1'", "set datestyle = 'German'"})
    void settingThatTheDriverNeedsIsNamedAndNotTriedAgain(String sql) throws SQLException {
        fixture.file("V1__it.sql", "select 1;\n" + sql);
        Claim.Claimed claimed = fixture.claimed();
        assertInstanceOf(Ending.Failed.class, fixture.attempt(claimed, TimeLimit.none()));
        Failure failure = fixture.row(claimed).error().orElseThrow();
        assertEquals(FailureCode.SQL_FAILED, failure.code());
        assertEquals(Optional.of(2), failure.line());
        assertTrue(failure.detail().startsWith("a script may not change"), failure.detail());
    }

    @Test
    void whatMustComeFirstInATransactionNeedsNoOther() throws SQLException {
        Failure failure = failure("select 1; set transaction isolation level serializable;");
        assertEquals(FailureCode.SQL_FAILED, failure.code());
        assertEquals(Optional.of("25001"), failure.sqlState());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "create table t (a int);\ncopy t from stdin;\n1\n2\n",
                "copy t from stdin;",
                "copy s from stdin;\n1\n\\.\ncopy t (a)\n from stdin (format csv);\n1",
            })
    void copyWhoseDataHasNoEndIsRefusedBeforeFlywayReadsForEver(String sql) throws SQLException {
        fixture.file("V1__it.sql", sql);
        Ending.Failed failed = (Ending.Failed) fixture.run(fixture.claimed());
        assertEquals(FailureCode.SYNTAX_ERROR, failed.failure().code());
        assertEquals(Optional.of("V1__it.sql"), failed.failure().script());
        assertTrue(failed.failure().line().isPresent());
        assertTrue(failed.failure().action().contains("\\."), failed.failure().action());
    }

    /** Some run already where Flyway only looks. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "afterMigrate.sql",
                "beforeEachMigrate__x.sql",
                "beforeInfo.sql",
                "afterConnect.sql"
            })
    @Timeout(60)
    void copyWhoseDataHasNoEndInACallbackIsRefused(String name) throws SQLException {
        fixture.file("V1__it.sql", "select 1").file(name, ENDLESS);
        Ending.Failed failed = (Ending.Failed) fixture.run(fixture.claimed());
        assertEquals(FailureCode.SYNTAX_ERROR, failed.failure().code());
        assertEquals(Optional.of(name), failed.failure().script());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "below | beforeMigrate.sql | FLYWAY_MIXED | false",
                "below | beforeMigrate.psql | FLYWAY_SQL_MIGRATION_SUFFIXES | .sql,.psql",
                "elsewhere | beforeMigrate.sql | FLYWAY_CALLBACK_LOCATIONS | filesystem:%2$s",
                "elsewhere | beforeMigrate.sql | FLYWAY_LOCATIONS | filesystem:%s,filesystem:%s",
            })
    @Timeout(60)
    void callbackIsFoundWhereverFlywayFindsIt(
            String place, String name, String variable, String value) throws Exception {
        Path folder =
                place.equals("below")
                        ? Files.createDirectory(migrations.resolve("below"))
                        : elsewhere;
        Files.writeString(folder.resolve(name), ENDLESS);
        fixture.file("V1__it.sql", "select 1")
                .with(Map.of(variable, value.formatted(migrations, folder)));
        Ending.Failed failed = (Ending.Failed) fixture.run(fixture.claimed());
        assertEquals(Optional.of(name), failed.failure().script());
    }

    /** Where it is told of another place, those beside the migrations are none. */
    @Test
    void callbackThatFlywayDoesNotReadIsNotRefused() throws SQLException {
        fixture.file("V1__it.sql", "select 1")
                .file("beforeMigrate.sql", ENDLESS)
                .with(Map.of("FLYWAY_CALLBACK_LOCATIONS", "filesystem:/nowhere"));
        assertEquals(new Ending.Completed(Optional.of("1")), fixture.run(fixture.claimed()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "copy t from stdin;\n1\n\\.",
                "copy t from stdin;\n\\.\n",
                "copy t from stdin;\r\n1\r\n\\.\r\nselect 'copy t from stdin;';",
                "copy t from stdin;\n1\n\\.\n-- copy t from stdin;\ncopy t from stdin;\n2\n\\.\n",
                "/* copy t from stdin; */ select 1; -- it's",
            })
    void copyWhoseDataEndsRuns(String sql) throws SQLException {
        fixture.file("V0__t.sql", "create table t (a int)").file("V1__it.sql", sql);
        assertEquals(new Ending.Completed(Optional.of("1")), fixture.run(fixture.claimed()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 'a\0b'",
                "do $$ begin raise 'of another server' using errcode = '08001'; end $$",
            })
    void connectionsStateThatTheServerGivesToAStatementIsTheStatements(String sql)
            throws SQLException {
        fixture.file("V1__it.sql", sql);
        Claim.Claimed claimed = fixture.claimed();
        assertInstanceOf(Ending.Failed.class, fixture.attempt(claimed, TimeLimit.none()));
        Failure failure = fixture.row(claimed).error().orElseThrow();
        assertEquals(FailureCode.SQL_FAILED, failure.code());
        assertTrue(failure.sqlState().orElseThrow().startsWith("08"), failure::toString);
        assertEquals(Optional.of("V1__it.sql"), failure.script());
    }

    @Test
    void scriptThatLetTheLocksGoIsNamed() throws SQLException {
        Failure failure = failure("select pg_advisory_unlock_all()");
        assertEquals(Optional.of("V1__it.sql"), failure.script());
    }

    @Test
    void hintOfPostgresIsPassedOn() throws SQLException {
        Failure failure = failure("create table t (name text); select nam from t;");
        assertEquals(
                Optional.of("Perhaps you meant to reference the column \"t.name\"."),
                failure.hint());
    }

    @Test
    void changedMigrationIsNamedByItsScript() throws SQLException {
        fixture.file("V1__it.sql", "select 1");
        fixture.run(fixture.claimed());
        Failure failure = failure("select 2");
        assertEquals(FailureCode.CHECKSUM_CHANGED, failure.code());
        assertTrue(failure.detail().contains("checksum"), failure.detail());
    }

    private Failure failure(String sql) throws SQLException {
        return failure(sql, Map.of());
    }

    private Failure failure(String sql, Map<String, String> placeholders) throws SQLException {
        fixture.file("V1__it.sql", sql);
        Claim.Claimed claimed =
                fixture.claimed(fixture.request(Optional.empty(), false, placeholders));
        Exception exception = assertThrows(Exception.class, () -> fixture.run(claimed));
        return new Failures(fixture.settings, fixture.database, new Masking(placeholders))
                .of(exception);
    }
}
