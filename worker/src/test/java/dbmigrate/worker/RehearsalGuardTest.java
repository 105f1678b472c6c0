package dbmigrate.worker;

import static dbmigrate.worker.CommandFixture.code;
import static dbmigrate.worker.CommandFixture.pairs;
import static dbmigrate.worker.CommandFixture.result;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.process.Command;
import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import dbmigrate.process.MigrationProcess;
import dbmigrate.process.ProcessState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What would get out of a rehearsal's one transaction, and of each migration's part of it. */
@Tag("database")
@Timeout(120)
class RehearsalGuardTest {
    @TempDir Path migrations;
    @TempDir Path elsewhere;

    private CommandFixture fixture;

    @BeforeEach
    void open() throws SQLException {
        fixture = new CommandFixture(migrations);
        fixture.file("V1__a.sql", "create table a (id int primary key); create sequence s;");
        fixture.migrated();
    }

    @AfterEach
    void close() throws SQLException {
        fixture.close();
    }

    @ParameterizedTest
    @CsvSource({"REHEARSE, sh", "REHEARSE, bash", "REHEARSE_COPY, sh", "REHEARSE_COPY, py"})
    void migrationThatIsAProgramIsNamedAndNotStarted(Command command, String suffix)
            throws SQLException {
        Path started = elsewhere.resolve("started");
        fixture.file("V2__program." + suffix, "touch " + started + " # commit; \n")
                .file("V3__b.sql", "create table b ();");
        MigrationProcess row = fixture.row(command);
        assertEquals(Optional.empty(), row.error());
        assertEquals(
                List.of("V2__program." + suffix + " notRun", "V3__b.sql ran"),
                pairs(row, "rehearsed", "script", "state"));
        assertFalse(result(row).objects("rehearsed").getFirst().isTrue("transactional"));
        assertFalse(Files.exists(started));
    }

    @ParameterizedTest
    @CsvSource({
        "REHEARSE, beforeMigrate.sh",
        "REHEARSE, afterInfo__x.bash",
        "REHEARSE_COPY, beforeMigrate.bash",
        "REHEARSE_COPY, afterEachMigrate.sh"
    })
    void callbackThatIsAProgramIsNotStartedAndTheRehearsalIsRefused(Command command, String name)
            throws SQLException {
        Path started = elsewhere.resolve("started");
        fixture.file(name, "touch " + started + "\n").file("V2__b.sql", "create table b ();");
        MigrationProcess row = fixture.row(command);
        assertEquals(FailureCode.CONFIGURATION_INVALID, code(row));
        assertTrue(row.error().orElseThrow().detail().contains(name));
        assertEquals(List.of("V2__b.sql notReached"), pairs(row, "rehearsed", "script", "state"));
        assertFalse(Files.exists(started));
    }

    @ParameterizedTest
    @EnumSource(names = {"REHEARSE", "INFO"})
    void callbackThatIsAProgramIsFoundWhereverFlywayFindsIt(Command command)
            throws IOException, SQLException {
        Path started = elsewhere.resolve("started");
        Files.writeString(elsewhere.resolve("beforeInfo.sh"), "touch " + started + "\n");
        fixture.run.with(Map.of("FLYWAY_CALLBACK_LOCATIONS", "filesystem:" + elsewhere));
        MigrationProcess row = fixture.row(command);
        assertEquals(
                command == Command.INFO ? ProcessState.COMPLETED : ProcessState.FAILED,
                row.state());
        assertFalse(Files.exists(started));
    }

    /** Flyway's skipDefaultCallbacks leaves out those in SQL alone. */
    @ParameterizedTest
    @EnumSource(names = {"INFO", "VALIDATE", "REPAIR"})
    void callbackThatIsAProgramIsNotStartedByACommandThatLooks(Command command)
            throws SQLException {
        Path started = elsewhere.resolve("started");
        for (String event : List.of("Info", "Validate", "Repair")) {
            fixture.file("before" + event + ".sh", "touch " + started + "\n");
        }
        assertEquals(ProcessState.COMPLETED, fixture.row(command).state());
        assertFalse(Files.exists(started));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select setval('s', 1)",
                "do $$ begin perform pg_catalog.\"setval\" ('s', 1, false); end $$",
            })
    void scriptThatSetsASequenceIsNamedAndNotRunOnTheTarget(String statement) throws SQLException {
        fixture.file("V2__set.sql", "select 'setval'; -- setval(\n" + statement + ";");
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(List.of("V2__set.sql notRun"), pairs(row, "rehearsed", "script", "state"));
        assertTrue(
                result(row)
                        .objects("rehearsed")
                        .getFirst()
                        .string("reason")
                        .orElseThrow()
                        .contains("line 2"));
        assertEquals(
                List.of("V2__set.sql ran"),
                pairs(fixture.row(Command.REHEARSE_COPY), "rehearsed", "script", "state"));
    }

    @Test
    void sequencesThatAFunctionSetsBackArePutBack() throws SQLException {
        fixture.execute(
                """
                create sequence down increment -1;
                create sequence ahead;
                create sequence unused;
                select nextval('s'), nextval('s'), nextval('down'), nextval('down'), nextval('ahead');
                create function back() returns void language sql as $$
                    select setval('s', 1, false), setval('down', -1), setval('ahead', 9), setval('unused', 1, false)
                $$;
                """);
        fixture.file("V2__back.sql", "select back();");
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(List.of("V2__back.sql ran"), pairs(row, "rehearsed", "script", "state"));
        assertEquals(
                List.of("3|-3|10|1"),
                fixture.query(
                        "select nextval('s'), nextval('down'), nextval('ahead'), nextval('unused')"));
    }

    /** Flyway's parser takes from the one parameter to the other for a string. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "rollback",
                "commit",
                "end",
                "abort",
                "/* so */ rollback /* and */ and chain",
                "prepare /**/ transaction 'p'",
            })
    void statementBetweenTwoParametersIsSeenToo(String statement) throws SQLException {
        String sql =
                "prepare p (int) as select $1; %s; create table stays (); prepare q (int) as select $1;"
                        .formatted(statement);
        fixture.file("V2__two.sql", sql);
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(List.of("V2__two.sql notRun"), pairs(row, "rehearsed", "script", "state"));
        fixture.file("V2__two.sql", "create table b ();").file("beforeMigrate.sql", sql);
        assertEquals(FailureCode.TRANSACTION_IN_THE_WAY, code(fixture.row(Command.REHEARSE)));
        assertEquals(
                List.of(), fixture.query("select 1 from pg_class where relname in ('stays', 'b')"));
    }

    @Test
    void anotherTransactionIsNotTakenForTheRehearsals() throws SQLException {
        try (Connection connection = fixture.run.postgres.connect(fixture.run.database);
                RehearsalLimit limit =
                        RehearsalLimit.start(Duration.ofMinutes(1), new TargetSession())) {
            RehearsalTransaction transaction =
                    RehearsalTransaction.begin(connection, limit, Duration.ofSeconds(1));
            try (Statement past = connection.createStatement();
                    Statement guarded = transaction.decorated().createStatement()) {
                guarded.execute("create table b ()");
                past.execute("rollback and chain");
                SQLException refused =
                        assertThrows(SQLException.class, () -> guarded.execute("select 1"));
                assertEquals("2D000", refused.getSQLState());
                assertTrue(transaction.objection().orElseThrow().contains("another one"));
                assertThrows(SQLException.class, () -> past.execute("commit"));
            }
        }
    }

    @Test
    void endOfABodyIsNoEndOfTheTransaction() throws SQLException {
        fixture.file(
                "V2__atomic.sql",
                """
                create function f(i int) returns int language sql begin atomic
                    select 1;
                    select case when i > 0 then 2 else 3 end;
                end;
                create procedure p() language plpgsql as 'begin commit; end';
                """);
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(List.of("V2__atomic.sql ran"), pairs(row, "rehearsed", "script", "state"));
    }

    @Test
    void statementOnTheWholeServerBetweenTwoParametersIsSeenToo() throws SQLException {
        fixture.file(
                "V2__role.sql",
                "prepare p (int) as select $1; create role db_migrate_test_nobody; prepare q (int) as select $1;");
        MigrationProcess row = fixture.row(Command.REHEARSE_COPY);
        assertEquals(List.of("V2__role.sql notRun"), pairs(row, "rehearsed", "script", "state"));
        assertEquals(
                List.of(),
                fixture.query("select 1 from pg_roles where rolname = 'db_migrate_test_nobody'"));
    }

    @Test
    void preparedTransactionThatWouldKeepAScratchDatabaseIsNotMade() throws SQLException {
        fixture.file("V2__prepare.sql", "create table b ();\nprepare transaction 'p';");
        MigrationProcess row = fixture.row(Command.REHEARSE_COPY);
        assertEquals(List.of("V2__prepare.sql notRun"), pairs(row, "rehearsed", "script", "state"));
    }

    @Test
    void deferrableConstraintOfASchemaThatIsNobodysBusinessIsNoFailure() throws SQLException {
        String role = fixture.run.postgres.newName("plain");
        fixture.execute(
                """
                create role %1$s login password 'x';
                grant create, usage on schema public to %1$s;
                grant all on all tables in schema public to %1$s;
                create schema theirs;
                create table theirs.t (id int unique deferrable initially deferred);
                """
                        .formatted(role));
        try {
            fixture.run.server(
                    fixture.run.postgres.url(role, "x", fixture.run.database), "postgres");
            fixture.file("V2__b.sql", "create table b ();");
            MigrationProcess row = fixture.row(Command.REHEARSE);
            assertEquals(Optional.empty(), row.error());
        } finally {
            fixture.execute("drop owned by " + role);
            fixture.execute("drop role " + role);
        }
    }

    @Test
    void constraintsOfOneNameOfWhichOneIsNotDeferrableAreNoFailure() throws SQLException {
        fixture.execute(
                """
                create table one (id int references a, constraint twin check (id > 0));
                create table two (id int constraint twin references a deferrable initially deferred);
                """);
        fixture.file("V2__row.sql", "insert into one values (null);");
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(Optional.empty(), row.error());
    }

    @Test
    void anotherRoleMayDeferConstraints() throws SQLException {
        String role = fixture.run.postgres.newName("other");
        fixture.execute("create role " + role);
        try {
            fixture.file(
                    "V2__role.sql",
                    "set local role %s; set constraints all deferred; set constraints all immediate;"
                            .formatted(role));
            MigrationProcess row = fixture.row(Command.REHEARSE);
            assertEquals(Optional.empty(), row.error());
        } finally {
            fixture.execute("drop role " + role);
        }
    }

    /** Who waits for such a lock has everybody queue up behind it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "set lock_timeout = 0",
                "set local lock_timeout = '30s'",
                "do $$ begin perform set_config('lock_timeout', '30s', false); end $$",
                "reset all"
            })
    void scriptThatWouldWaitForALockDoesNot(String patient) throws SQLException {
        fixture.run.lockTimeout(Duration.ofMillis(200));
        fixture.file("V2__b.sql", patient + ";\nalter table a add column b int;");
        try (Connection holder = fixture.run.postgres.connect(fixture.run.database);
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("lock table a in row exclusive mode");
            assertEquals(FailureCode.LOCK_TIMEOUT, code(fixture.row(Command.REHEARSE)));
        }
    }

    @Test
    void scriptMayWaitForLessThanARehearsalDoes() throws SQLException {
        fixture.file(
                "V2__b.sql",
                "set lock_timeout = '7ms'; do $$ begin assert current_setting('lock_timeout') = '7ms'; end $$;");
        assertEquals(Optional.empty(), fixture.row(Command.REHEARSE).error());
    }

    @ParameterizedTest
    @ValueSource(strings = {"discard temp", "set transaction read only"})
    void whatIsAboutTheWholeTransactionIsNamedAndNotRun(String statement) throws SQLException {
        fixture.file("V2__b.sql", statement + ";").file("V3__c.sql", "create table c ();");
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(Optional.empty(), row.error());
        assertEquals(
                List.of("V2__b.sql notRun", "V3__c.sql ran"),
                pairs(row, "rehearsed", "script", "state"));
    }

    @Test
    void scriptThatFlywayRefusesFailsBehindWhatWasRehearsed() throws SQLException {
        fixture.file("V2__b.sql", "create table b ();")
                .file("V3__mixed.sql", "insert into a values (11); vacuum a;");
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(FailureCode.MIGRATION_FAILED, code(row));
        assertEquals(
                List.of("V2__b.sql ran", "V3__mixed.sql notReached"),
                pairs(row, "rehearsed", "script", "state"));
    }

    @Test
    void whatACommitUndoesIsGoneBeforeTheNextMigration() throws SQLException {
        fixture.execute("create schema other");
        fixture.file(
                        "V2__local.sql",
                        """
                        set local search_path = other;
                        set local time zone 'Asia/Tokyo';
                        set local my.own = 'x';
                        create table b ();
                        create temporary table "Short" on commit drop as select 1 as one;
                        """)
                .file(
                        "V3__next.sql",
                        """
                        create table c ();
                        do $$ begin
                            assert current_setting('timezone') <> 'Asia/Tokyo';
                            assert current_setting('my.own') = '';
                            assert to_regclass('pg_temp."Short"') is null;
                        end $$;
                        """);
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(Optional.empty(), row.error());
        assertEquals(
                List.of("table other.b", "table public.c"),
                result(row).objects("rehearsed").stream()
                        .flatMap(one -> one.objects("created").stream())
                        .map(one -> one.members().get("kind") + " " + one.members().get("name"))
                        .toList());
    }

    /** A dangerous statement is looked for in what is pending, before anything runs. */
    @ParameterizedTest
    @EnumSource(names = {"INFO", "REHEARSE", "REHEARSE_COPY"})
    @Timeout(60)
    void copyWhoseDataHasNoEndIsNotReadForEver(Command command) throws SQLException {
        fixture.file(
                "V2__copy.sql",
                "alter table a alter column id type bigint;\ncopy a from stdin;\n1\n");
        MigrationProcess row = fixture.row(command);
        assertEquals(
                command == Command.INFO ? Optional.empty() : Optional.of(FailureCode.SYNTAX_ERROR),
                row.error().map(Failure::code));
    }

    @Test
    void deferredConstraintIsCheckedBehindACopyToo() throws SQLException {
        fixture.execute("create table c (a int references a deferrable initially deferred)");
        fixture.file("V2__copy.sql", "copy c (a) from stdin;\n99\n\\.\n")
                .file("V3__next.sql", "select 1;");
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(FailureCode.CONSTRAINT_VIOLATED, code(row));
        assertEquals(
                List.of("V2__copy.sql failed", "V3__next.sql notReached"),
                pairs(row, "rehearsed", "script", "state"));
    }

    @Test
    void callbackWaitsForALockNoLongerThanAMigration() throws SQLException {
        fixture.run.lockTimeout(Duration.ZERO);
        fixture.file("beforeMigrate.sql", "lock table a;").file("V2__b.sql", "create table b ();");
        try (Connection holder = fixture.run.postgres.connect(fixture.run.database);
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("lock table a");
            assertEquals(FailureCode.LOCK_TIMEOUT, code(fixture.row(Command.REHEARSE)));
        }
    }
}
