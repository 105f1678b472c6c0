package dbmigrate.worker;

import static dbmigrate.worker.CommandFixture.code;
import static dbmigrate.worker.CommandFixture.pairs;
import static dbmigrate.worker.CommandFixture.result;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.json.JsonObject;
import dbmigrate.process.Claim;
import dbmigrate.process.Command;
import dbmigrate.process.FailureCode;
import dbmigrate.process.MigrationProcess;
import dbmigrate.process.ProcessState;
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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a rehearsal finds, and that nothing of it stays; the dumps are InstalledRehearsalTest's. */
@Tag("database")
@Timeout(120)
class RehearsalTest {
    private static final String OBJECTS =
            "select relname from pg_class where relnamespace = 'public'::regnamespace order by 1";

    private static final String SCRATCH =
            "select datname from pg_database where datname like 'db_migrate_rehearsal_%'";

    @TempDir Path migrations;

    private CommandFixture fixture;

    @BeforeEach
    void open() throws SQLException {
        fixture = new CommandFixture(migrations);
        fixture.file(
                "V1__a.sql",
                "create table a (id int primary key, note text); insert into a select g, 'x' from generate_series(1, 10) g;");
        fixture.migrated();
    }

    @AfterEach
    void close() throws SQLException {
        fixture.close();
    }

    @Test
    void saysWhatEachMigrationDidAndLeavesNothing() throws SQLException {
        List<String> before = fixture.query(OBJECTS);
        fixture.file("V2__rewrite.sql", "alter table a alter column id type bigint;")
                .file("V3__index.sql", "create index i on a (note);")
                .file(
                        "V4__rows.sql",
                        """
                        update a set note = 'y' where id < 4;
                        delete from a where id = 10;
                        do $$ begin insert into a values (11, 'z'), (12, 'z'); end $$;
                        """)
                .file("V5__drop.sql", "drop index i; create view v as select * from a;");
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(Optional.empty(), row.error());
        assertEquals(ProcessState.COMPLETED, row.state());
        assertEquals("rehearse", row.command());
        assertEquals(List.of(), row.migrations());
        assertEquals(Optional.of("1"), row.schemaNow());
        assertEquals(Optional.of("target"), result(row).string("on"));
        assertEquals(
                List.of(
                        "V2__rewrite.sql ran",
                        "V3__index.sql ran",
                        "V4__rows.sql ran",
                        "V5__drop.sql ran"),
                pairs(row, "rehearsed", "script", "state"));
        JsonObject rewrite = rehearsed(row, "V2__rewrite.sql");
        assertEquals(List.of("public.a"), rewrite.members().get("rewritten"));
        assertTrue(locks(rewrite).contains("AccessExclusiveLock public.a null"));
        JsonObject index = rehearsed(row, "V3__index.sql");
        assertEquals(List.of("index public.i"), objects(index, "created"));
        assertTrue(
                locks(index).contains("ShareLock public.a V2__rewrite.sql"),
                locks(index)::toString);
        assertTrue(
                locks(index).contains("AccessExclusiveLock public.a V2__rewrite.sql"),
                locks(index)::toString);
        JsonObject rows = rehearsed(row, "V4__rows.sql").object("rows");
        assertEquals(Optional.of(2), rows.integer("inserted"));
        assertEquals(Optional.of(3), rows.integer("updated"));
        assertEquals(Optional.of(1), rows.integer("deleted"));
        JsonObject drop = rehearsed(row, "V5__drop.sql");
        assertEquals(List.of("index public.i"), objects(drop, "dropped"));
        assertEquals(List.of("view public.v"), objects(drop, "created"));
        assertEquals(before, fixture.query(OBJECTS));
        assertEquals(
                List.of("10|10"),
                fixture.query("select count(*), max(id) from a where note = 'x'"));
        assertEquals(List.of("1"), fixture.query("select version from flyway_schema_history"));
    }

    @Test
    void whatCannotRunInATransactionIsNamedAndNotRun() throws SQLException {
        fixture.file("V2__i.sql", "create index concurrently i on a (note);")
                .file("V3__vacuum.sql", "vacuum a;")
                .file("V4__conf.sql", "create table c ();")
                .file("V4__conf.sql.conf", "executeInTransaction=false")
                .file("V5__commit.sql", "create table d ();\ncommit;\ncreate table e ();")
                .file("V6__after.sql", "create table f ();");
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(ProcessState.COMPLETED, row.state());
        assertEquals(
                List.of(
                        "V2__i.sql notRun",
                        "V3__vacuum.sql notRun",
                        "V4__conf.sql notRun",
                        "V5__commit.sql notRun",
                        "V6__after.sql ran"),
                pairs(row, "rehearsed", "script", "state"));
        assertTrue(
                rehearsed(row, "V5__commit.sql")
                        .string("reason")
                        .orElseThrow()
                        .contains("in line 2"));
        assertFalse(rehearsed(row, "V2__i.sql").isTrue("transactional"));
        assertTrue(rehearsed(row, "V6__after.sql").isTrue("transactional"));
        assertEquals(List.of("a"), fixture.query(OBJECTS + " limit 1"));
        assertEquals(List.of("1"), fixture.query("select version from flyway_schema_history"));
    }

    @Test
    void enumValueOfAnEarlierMigrationIsNamedAndNotRun() throws SQLException {
        fixture.file("V2__e.sql", "create type e as enum ('a'); create table t (e e);");
        fixture.migrated();
        fixture.file("V3__value.sql", "alter type e add value 'b';")
                .file("V4__use.sql", "insert into t values ('b');")
                .file("V5__on.sql", "insert into t values ('a');");
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(Optional.empty(), row.error());
        assertEquals(
                List.of("V3__value.sql ran", "V4__use.sql notRun", "V5__on.sql ran"),
                pairs(row, "rehearsed", "script", "state"));
        assertEquals(
                List.of("a"),
                fixture.query("select enumlabel from pg_enum order by enumsortorder"));
    }

    @Test
    void enumValueOfTheSameMigrationFailsAsItWouldInAMigration() throws SQLException {
        fixture.file("V2__e.sql", "create type e as enum ('a'); create table t (e e);");
        fixture.migrated();
        fixture.file("V3__use.sql", "alter type e add value 'b'; insert into t values ('b');");
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(Optional.of("55P04"), row.error().orElseThrow().sqlState());
        assertEquals(List.of("V3__use.sql failed"), pairs(row, "rehearsed", "script", "state"));
    }

    @Test
    void enumValueOfTheSameMigrationFailsBehindAnotherOfAnEnumToo() throws SQLException {
        fixture.file("V2__e.sql", "create type e as enum ('a'); create table t (e e);");
        fixture.migrated();
        fixture.file("V3__value.sql", "alter type e add value 'b';")
                .file("V4__use.sql", "alter type e add value 'c'; insert into t values ('c');");
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(Optional.of("55P04"), row.error().orElseThrow().sqlState());
        assertEquals(
                List.of("V3__value.sql ran", "V4__use.sql failed"),
                pairs(row, "rehearsed", "script", "state"));
    }

    @Test
    void failureIsThatOfAMigrationAndWhatIsBehindItIsNotReached() throws SQLException {
        fixture.file("V2__b.sql", "create table b ();")
                .file("V3__bad.sql", "\ninsert into missing values (1);")
                .file("V4__c.sql", "create table c ();");
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(ProcessState.FAILED, row.state());
        assertEquals(FailureCode.OBJECT_MISSING, code(row));
        assertEquals(Optional.of("V3__bad.sql"), row.error().orElseThrow().script());
        assertEquals(Optional.of(2), row.error().orElseThrow().line());
        assertEquals(
                List.of("V2__b.sql ran", "V3__bad.sql failed", "V4__c.sql notReached"),
                pairs(row, "rehearsed", "script", "state"));
        assertEquals(List.of("f"), fixture.query("select to_regclass('b') is not null"));
    }

    /** Flyway's parser sees no statement of a callback beforehand. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "commit",
                "/* set constraints */ end",
                "rollback",
                "rollback and chain",
                "commit and chain",
                "prepare transaction 'p'",
            })
    void statementThatEndsTheTransactionIsRefusedAndNothingIsCommitted(String statement)
            throws SQLException {
        fixture.file("V2__b.sql", "create table b ();")
                .file(
                        "beforeEachMigrate.sql",
                        "create table before ();\n%s;\ncreate table behind ();\ncommit;"
                                .formatted(statement));
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(ProcessState.FAILED, row.state());
        assertEquals(Optional.of("beforeEachMigrate.sql"), row.error().orElseThrow().script());
        if (!statement.startsWith("prepare")) {
            assertEquals(FailureCode.TRANSACTION_IN_THE_WAY, code(row));
        }
        assertEquals(
                List.of(),
                fixture.query("select 1 from pg_class where relname in ('before', 'behind', 'b')"));
        assertEquals(List.of(), fixture.query("select gid from pg_prepared_xacts"));
    }

    @Test
    void constraintsThatAreDeferredAreCheckedWhereAMigrationWouldCommit() throws SQLException {
        fixture.file(
                "V2__fk.sql", "create table c (a int references a deferrable initially deferred);");
        fixture.migrated();
        fixture.file("V3__rows.sql", "insert into c values (1);")
                .file("V4__alter.sql", "alter table c add column b int;")
                .file("V5__set.sql", "set constraints all immediate; insert into c values (2);")
                .file("V6__bad.sql", "insert into c values (99);");
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(FailureCode.CONSTRAINT_VIOLATED, code(row));
        assertEquals(Optional.of("V6__bad.sql"), row.error().orElseThrow().script());
        assertEquals(
                List.of(
                        "V3__rows.sql ran",
                        "V4__alter.sql ran",
                        "V5__set.sql ran",
                        "V6__bad.sql failed"),
                pairs(row, "rehearsed", "script", "state"));
    }

    @Test
    void commitBehindSetConstraintsIsRefusedToo() throws SQLException {
        fixture.file("V2__b.sql", "create table b ();")
                .file("beforeEachMigrate.sql", "set constraints all immediate;\ncommit;");
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(ProcessState.FAILED, row.state());
        assertEquals(List.of("f"), fixture.query("select to_regclass('b') is not null"));
        assertEquals(List.of("1"), fixture.query("select version from flyway_schema_history"));
    }

    @Test
    void rehearsalThatTakesTooLongIsRolledBackAndSaysHowFarItCame() throws SQLException {
        fixture.run.limited(Duration.ofSeconds(2));
        fixture.file("V2__b.sql", "create table b ();")
                .file("V3__sleep.sql", "create table c (); select pg_sleep(60);")
                .file("V4__d.sql", "create table d ();");
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(FailureCode.REHEARSAL_LIMIT, code(row));
        assertEquals(Optional.of("V3__sleep.sql"), row.error().orElseThrow().script());
        assertEquals(
                List.of("V2__b.sql ran", "V3__sleep.sql failed", "V4__d.sql notReached"),
                pairs(row, "rehearsed", "script", "state"));
        assertEquals(
                List.of(), fixture.query("select 1 from pg_class where relname in ('b', 'c')"));
    }

    @Test
    void lockThatIsNotToBeHadIsNotWaitedForLong() throws SQLException {
        fixture.file("V2__b.sql", "alter table a add column b int;");
        try (Connection holder = fixture.run.postgres.connect(fixture.run.database);
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("lock table a");
            MigrationProcess row = fixture.row(Command.REHEARSE);
            assertEquals(FailureCode.LOCK_TIMEOUT, code(row));
            assertEquals(List.of("V2__b.sql failed"), pairs(row, "rehearsed", "script", "state"));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"REHEARSE", "REHEARSE_COPY"})
    void databaseThatDoesNotStandIsMadeUnderAnotherNameAndDropped(Command command)
            throws SQLException {
        try (CommandFixture missing = new CommandFixture(migrations)) {
            missing.file("V2__i.sql", "create index concurrently i on a (note);");
            MigrationProcess row = missing.row(command);
            assertEquals(Optional.empty(), row.error());
            assertEquals(ProcessState.COMPLETED, row.state());
            assertFalse(result(row).isTrue("databaseExists"));
            assertEquals(
                    List.of("V1__a.sql ran", "V2__i.sql ran"),
                    pairs(row, "rehearsed", "script", "state"));
            assertEquals(Optional.empty(), row.schemaNow());
            assertFalse(row.databaseCreated());
            assertFalse(missing.stands());
            assertEquals(List.of(), scratch());
        }
    }

    @Test
    void onACopyEverythingRunsAndTheTargetIsNotTouched() throws SQLException {
        fixture.file("V2__i.sql", "create index concurrently i on a (note);")
                .file("V3__commit.sql", "create table d ();\ncommit;\ncreate table e ();")
                .file("V4__role.sql", "create role db_migrate_test_nobody;")
                .file("V5__rewrite.sql", "alter table a alter column id type bigint;")
                .file("V6__rows.sql", "insert into a values (1, 'x'), (2, 'x');");
        MigrationProcess row = fixture.row(Command.REHEARSE_COPY);
        assertEquals(Optional.empty(), row.error());
        assertEquals(Optional.of("copy"), result(row).string("on"));
        assertEquals(
                List.of(
                        "V2__i.sql ran",
                        "V3__commit.sql ran",
                        "V4__role.sql notRun",
                        "V5__rewrite.sql ran",
                        "V6__rows.sql ran"),
                pairs(row, "rehearsed", "script", "state"));
        JsonObject rewrite = rehearsed(row, "V5__rewrite.sql");
        assertEquals(List.of("public.a"), rewrite.members().get("rewritten"));
        assertTrue(locks(rewrite).contains("AccessExclusiveLock public.a null"));
        JsonObject rows = rehearsed(row, "V6__rows.sql").object("rows");
        assertEquals(Optional.of(2), rows.integer("inserted"));
        assertEquals(Optional.of(0), rows.integer("updated"));
        assertEquals(
                List.of("table public.d", "table public.e"),
                objects(rehearsed(row, "V3__commit.sql"), "created"));
        assertEquals(List.of("f"), fixture.query("select to_regclass('d') is not null"));
        assertEquals(
                List.of(),
                fixture.query("select 1 from pg_roles where rolname = 'db_migrate_test_nobody'"));
        assertEquals(List.of(), scratch());
        assertEquals(Optional.of("1"), row.schemaNow());
    }

    @Test
    void copyHoldsWhatASchemaCanHold() throws SQLException {
        fixture.execute(SCHEMA);
        MigrationProcess row = fixture.row(Command.REHEARSE_COPY);
        assertEquals(Optional.empty(), row.error());
        assertEquals(
                List.of("aggregate public.total(integer)", "publication p"),
                result(row).members().get("notCopied"));
    }

    /** Neither trigger nor scratch database needs a superuser. */
    @ParameterizedTest
    @EnumSource(names = {"REHEARSE", "REHEARSE_COPY"})
    void ownerOfTheDatabaseMayRehearse(Command command) throws SQLException {
        String role = fixture.run.postgres.newName("owner");
        fixture.run.postgres.execute(
                "postgres", "create role %s login createdb password 'x'".formatted(role));
        try (CommandFixture owned = new CommandFixture(migrations)) {
            owned.run.postgres.execute(
                    "postgres", "create database %s owner %s".formatted(owned.run.database, role));
            owned.run.server(owned.run.postgres.url(role, "x", owned.run.database), "postgres");
            owned.migrated();
            owned.execute(
                    """
                    set role %s;
                    create schema mine;
                    create type mine.span as range (subtype = int);
                    create table mine.t (id serial primary key, s mine.span);
                    """
                            .formatted(role));
            owned.file("V2__i.sql", "alter table mine.t add column more int;");
            MigrationProcess row = owned.row(command);
            assertEquals(Optional.empty(), row.error());
            assertEquals(List.of("V2__i.sql ran"), pairs(row, "rehearsed", "script", "state"));
            assertEquals(List.of(), scratch());
        } finally {
            fixture.run.postgres.execute("postgres", "drop role " + role);
        }
    }

    @Test
    void schemaThatCannotBeCopiedIsRefusedByName() throws SQLException {
        fixture.execute(
                """
                create aggregate total (int) (sfunc = int4pl, stype = int);
                create view totals as select total(id) from a;
                """);
        MigrationProcess row = fixture.row(Command.REHEARSE_COPY);
        assertEquals(FailureCode.SCHEMA_NOT_COPIED, code(row));
        assertTrue(row.error().orElseThrow().detail().contains("public.total(integer)"));
        assertEquals(List.of(), scratch());
    }

    @Test
    void scratchDatabaseOfAWorkerThatDiedIsDroppedByTheNextRehearsal() throws SQLException {
        String left = "db_migrate_rehearsal_" + "0".repeat(32) + "_1";
        String notOurs = fixture.run.postgres.newName("db_migrate_rehearsal_of");
        fixture.run.postgres.execute("postgres", "create database " + left);
        fixture.run.postgres.execute("postgres", "create database " + notOurs);
        try (Connection forgotten = fixture.run.postgres.connect(left)) {
            fixture.row(Command.REHEARSE_COPY);
            assertFalse(forgotten.isValid(10));
            assertEquals(List.of(notOurs), scratch());
        } finally {
            fixture.run.postgres.execute("postgres", "drop database " + notOurs);
        }
    }

    @Test
    void scratchDatabaseOfAnAttemptThatDiedIsDroppedWhereTheProcessIsCanceled()
            throws SQLException {
        Claim.Claimed died = died();
        fixture.run.askToStop(died.attempt().processId());
        fixture.run.attempt(fixture.run.next(died), TimeLimit.none());
        assertEquals(ProcessState.CANCELED, fixture.run.row(died).state());
        assertEquals(List.of(), scratch());
    }

    @Test
    void scratchDatabaseOfTheLastAttemptThatDiedIsDroppedWhereThereIsNoOther() throws SQLException {
        Claim.Claimed died = died();
        fixture.run.onlyOnce().attempt(leaseRanOut(died), TimeLimit.none());
        assertEquals(FailureCode.WORKERS_DIED, code(fixture.run.row(died)));
        assertEquals(List.of(), scratch());
    }

    /** An attempt at a rehearsal on a copy, and the scratch database that it has left. */
    private Claim.Claimed died() throws SQLException {
        Claim.Claimed died =
                fixture.run.claimed(
                        fixture.request(Command.REHEARSE_COPY, Optional.empty(), Optional.empty()));
        String id = died.attempt().processId().toString().replace("-", "");
        fixture.run.postgres.execute(
                "postgres", "create database db_migrate_rehearsal_" + id + "_1");
        return died;
    }

    private Claim.Claimed leaseRanOut(Claim.Claimed died) throws SQLException {
        fixture.run.postgres.execute(
                "postgres",
                "update db_migrate.process set lease_until = now() - interval '1 s' where id = '%s'"
                        .formatted(died.attempt().processId()));
        return fixture.run.claimedAgain(died);
    }

    @Test
    void scratchDatabaseOfALivingWorkerStays() throws SQLException {
        Claim.Claimed claimed = fixture.run.claimed();
        try (ScratchDatabase living =
                ScratchDatabase.create(
                        fixture.run.settings,
                        claimed.attempt(),
                        "",
                        new dbmigrate.log.Log(Map.of()))) {
            fixture.row(Command.REHEARSE_COPY);
            assertEquals(List.of(living.name()), scratch());
        }
        assertEquals(List.of(), scratch());
    }

    @Test
    void scratchDatabaseOfALivingWorkerWithAnotherDatabaseOfRowsStays() throws SQLException {
        Claim.Claimed claimed = fixture.run.claimed();
        String url = fixture.run.postgres.url(fixture.run.database);
        WorkerSettings another = fixture.run.server(url, fixture.run.database).settings;
        fixture.run.server(url, "postgres");
        try (ScratchDatabase living =
                ScratchDatabase.create(
                        another, claimed.attempt(), "", new dbmigrate.log.Log(Map.of()))) {
            fixture.row(Command.REHEARSE_COPY);
            assertEquals(List.of(living.name()), scratch());
        }
        assertEquals(List.of(), scratch());
    }

    @Test
    void quarrelWithTheHistoryIsThatOfAMigration() throws SQLException {
        fixture.file("V1__a.sql", "select 'changed'").file("V2__b.sql", "create table b ();");
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(FailureCode.CHECKSUM_CHANGED, code(row));
        assertEquals(List.of("V2__b.sql notReached"), pairs(row, "rehearsed", "script", "state"));
    }

    @Test
    void whatAMigrationMakesIsListedUpToABound() throws SQLException {
        fixture.file(
                "V2__many.sql",
                "do $$ begin for i in 1..300 loop execute 'create table many_' || i || '()'; end loop; end $$;");
        JsonObject many = rehearsed(fixture.row(Command.REHEARSE), "V2__many.sql");
        assertEquals(200, many.objects("created").size());
        assertEquals(Optional.of(100), many.integer("omitted"));
    }

    @Test
    void settingsOfTheDatabaseHoldInACopy() throws SQLException {
        fixture.execute("alter database %s set array_nulls = off".formatted(fixture.run.database));
        fixture.file(
                "V2__set.sql",
                "do $$ begin if current_setting('array_nulls') = 'on' then raise 'on'; end if; end $$;");
        assertEquals(Optional.empty(), fixture.row(Command.REHEARSE).error());
        assertEquals(Optional.empty(), fixture.row(Command.REHEARSE_COPY).error());
    }

    @Test
    void cancelledRehearsalIsCanceledAndLeavesNothing() throws Exception {
        fixture.file("V2__sleep.sql", "create table b (); select pg_sleep(60);");
        fixture.run.limited(Duration.ofSeconds(60));
        assertEquals(ProcessState.CANCELED, cancelledAsleep(Command.REHEARSE).state());
        assertEquals(List.of("f"), fixture.query("select to_regclass('b') is not null"));
    }

    @Test
    void copyIsGivenUpWhileItIsMade() throws Exception {
        fixture.execute(
                """
                create function slow() returns int language plpgsql as $$ begin
                    if current_database() like 'db_migrate_rehearsal_%' then
                        execute 'select pg_sleep(60)';
                    end if;
                    return 1;
                end $$;
                create materialized view slowly as select slow();
                """);
        assertEquals(ProcessState.CANCELED, cancelledAsleep(Command.REHEARSE_COPY).state());
        assertEquals(List.of(), scratch());
    }

    /** Rehearses, and asks to cancel as soon as something sleeps. */
    private MigrationProcess cancelledAsleep(Command command) throws Exception {
        Claim.Claimed claimed =
                fixture.run.claimed(fixture.request(command, Optional.empty(), Optional.empty()));
        Thread canceller =
                Thread.ofVirtual()
                        .start(() -> {
                            while (fixture.query(
                                            "select 1 from pg_stat_activity where wait_event = 'PgSleep' and (datname = current_database() or datname like 'db_migrate_rehearsal_%')")
                                    .isEmpty()) {
                                Thread.onSpinWait();
                            }
                            try {
                                fixture.run.askToStop(claimed.attempt().processId());
                            } catch (SQLException e) {
                                throw new AssertionError(e);
                            }
                        });
        fixture.run.attempt(claimed, TimeLimit.none());
        canceller.join();
        return fixture.run.row(claimed);
    }

    @ParameterizedTest
    @EnumSource(names = {"REHEARSE", "REHEARSE_COPY"})
    void initSqlOfASessionStaysNeither(Command command) throws SQLException {
        fixture.run.with(Map.of("FLYWAY_INIT_SQL", "create table if not exists written ()"));
        fixture.file("V2__b.sql", "insert into a values (11, (select 'y' from written));");
        MigrationProcess row = fixture.row(command);
        assertEquals(Optional.empty(), row.error());
        assertEquals(List.of("f"), fixture.query("select to_regclass('written') is not null"));
    }

    @ParameterizedTest
    @EnumSource(names = {"REHEARSE", "REHEARSE_COPY"})
    void whatAPersonHasToLookAtFirstIsSaid(Command command) throws SQLException {
        fixture.file("V2__b.sql", "create table b ();\ncommit;\ninsert into a values (99);");
        fixture.note("V2__b.sql", false);
        MigrationProcess row = fixture.row(command);
        assertEquals(FailureCode.HALF_DONE, code(row));
        assertEquals(List.of("V2__b.sql"), fixture.notes());
    }

    @ParameterizedTest
    @EnumSource(names = {"REHEARSE", "REHEARSE_COPY"})
    void emptyDatabaseStaysEmpty(Command command) throws SQLException {
        try (CommandFixture empty = new CommandFixture(migrations)) {
            empty.run.postgres.execute("postgres", "create database " + empty.run.database);
            empty.run.with(Map.of("FLYWAY_DEFAULT_SCHEMA", "app"));
            empty.file("R__v.sql", "create or replace view v as select count(*) from a;")
                    .file("V2__copy.sql", "copy a (id, note) from stdin;\n11\ty\n12\tz\n\\.\n");
            MigrationProcess row = empty.row(command);
            assertEquals(Optional.empty(), row.error());
            assertEquals(
                    List.of("V1__a.sql ran", "V2__copy.sql ran", "R__v.sql ran"),
                    pairs(row, "rehearsed", "script", "state"));
            assertEquals(
                    Optional.of(2),
                    rehearsed(row, "V2__copy.sql").object("rows").integer("inserted"));
            assertEquals(List.of("view app.v"), objects(rehearsed(row, "R__v.sql"), "created"));
            assertEquals(List.of(), empty.query("select oid from pg_class where oid >= 16384"));
            assertEquals(
                    List.of(), empty.query("select oid from pg_namespace where nspname = 'app'"));
        }
    }

    @Test
    void callbackThatFailsBehindTheLastMigrationIsNamed() throws SQLException {
        fixture.file("afterMigrate.sql", "insert into missing values (1);");
        fixture.file("V2__b.sql", "create table b ();");
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(FailureCode.OBJECT_MISSING, code(row));
        assertEquals(Optional.of("afterMigrate.sql"), row.error().orElseThrow().script());
        assertEquals(List.of("V2__b.sql ran"), pairs(row, "rehearsed", "script", "state"));
    }

    @Test
    void nothingPendingIsAnEmptyReport() throws SQLException {
        MigrationProcess row = fixture.row(Command.REHEARSE);
        assertEquals(ProcessState.COMPLETED, row.state());
        assertEquals(List.of(), result(row).objects("rehearsed"));
    }

    @Test
    void migrationAfterARehearsalFindsEverythingPending() throws SQLException {
        fixture.file("V2__b.sql", "create table b ();");
        fixture.row(Command.REHEARSE);
        fixture.row(Command.REHEARSE_COPY);
        fixture.migrated();
        assertEquals(List.of("t"), fixture.query("select to_regclass('b') is not null"));
    }

    private List<String> scratch() {
        return fixture.run.postgres.query("postgres", SCRATCH);
    }

    private static JsonObject rehearsed(MigrationProcess row, String script) {
        return result(row).objects("rehearsed").stream()
                .filter(one -> one.string("script").equals(Optional.of(script)))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> locks(JsonObject migration) {
        return migration.objects("locks").stream()
                .map(one ->
                        one.members().get("mode")
                                + " "
                                + one.members().get("relation")
                                + " "
                                + one.members().get("since"))
                .toList();
    }

    private static List<String> objects(JsonObject migration, String list) {
        return migration.objects(list).stream()
                .map(one -> one.members().get("kind") + " " + one.members().get("name"))
                .toList();
    }

    /** One of each kind, in an order of its own, and names that need quotes. */
    static final String SCHEMA =
            """
            create schema "Other one";
            create type "Other one".mood as enum ('so', 'it''s');
            create type pair as (x int, "Y" text);
            create domain positive as int default 1 not null check (value > 0);
            create type span as range (subtype = int);
            create sequence counter increment 5 cycle maxvalue 100;
            create function twice(i int) returns int immutable language sql as 'select $1 * 2';
            create table "Other one".parent (
                id bigint generated always as identity (start 7) primary key,
                twice int generated always as (twice(n)) stored,
                n positive, m "Other one".mood default 'so', p pair, s span,
                serial serial, note varchar(20) collate "C" default 'it''s',
                constraint "note is short" check (length(note) < 10) not valid,
                exclude using gist (s with &&)
            ) with (fillfactor = 70);
            create table child (
                id int primary key,
                parent bigint references "Other one".parent deferrable initially deferred,
                unique (parent, id)
            );
            create index on child ((twice(id))) where id > 3;
            create statistics dependent on id, parent from child;
            create table log (at date not null, text text, primary key (at, text))
                partition by range (at);
            create table log_2026 partition of log for values from ('2026-01-01') to ('2027-01-01');
            create table log_rest partition of log default;
            create index log_text on log (text);
            alter table log add foreign key (at, text) references log;
            create table heir (more int) inherits (child);
            create unlogged table fast (a int);
            create view numbers as select count(*) from child;
            create view more as select * from numbers;
            create materialized view kept as select * from more;
            create unique index on kept (count);
            create function of_child(child) returns int language sql as 'select ($1).id';
            create function at_change() returns trigger language plpgsql as
                'begin return new; end';
            create trigger changed before update on child for each row
                execute function at_change();
            alter table child disable trigger changed;
            create trigger logged before insert on log for each row execute function at_change();
            create rule nothing as on delete to fast do instead nothing;
            create policy mine on child for select to public using (id > 0);
            alter table child enable row level security;
            create procedure done() language sql as 'select 1';
            create aggregate total (int) (sfunc = int4pl, stype = int);
            create publication p for table child;
            """;
}
