package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.log.Log;
import dbmigrate.process.Claim;
import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import dbmigrate.process.MigrationProcess;
import dbmigrate.process.NextMigration;
import dbmigrate.process.ProcessState;
import dbmigrate.process.Settlement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.configuration.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the next attempt does with what a killed one left: rows and indexes are made as a kill makes
 * them.
 */
@Tag("database")
@Timeout(120)
class HalfDoneWorkTest {
    private static final String INVALID =
            "update pg_index set indisvalid = false where indexrelid = '%s'::regclass";

    @TempDir Path migrations;

    private RunFixture fixture;

    @BeforeEach
    void open() throws SQLException {
        fixture = new RunFixture(migrations);
        fixture.file("V1__init.sql", "create table t (a int, b int)");
        fixture.run(fixture.claimed());
    }

    @AfterEach
    void close() throws SQLException {
        fixture.close();
    }

    @Test
    void invalidIndexOfAKilledAttemptIsBuiltAgain() throws SQLException {
        fixture.file("V2__i.sql", "create index concurrently if not exists i on t (a)");
        Claim.Claimed next = killedIn("V2__i.sql");
        execute("create index i on t (a)");
        execute(INVALID.formatted("i"));
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(next));
        assertEquals(List.of("i|t"), indexes());
    }

    @Test
    void indexThatTheServerFinishedAfterTheKillIsBuiltAgain() throws SQLException {
        fixture.file("V2__i.sql", "create index concurrently i on t (a)");
        Claim.Claimed next = killedIn("V2__i.sql");
        execute("create index i on t (a)");
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(next));
        assertEquals(List.of("i|t"), indexes());
    }

    @Test
    void indexThatStoodBeforeIsNotTouched() throws SQLException {
        execute("create index i on t (b)");
        fixture.file("V2__i.sql", "create index concurrently i on t (a)");
        Claim.Claimed next = killedIn("V2__i.sql");
        assertThrows(RuntimeException.class, () -> fixture.run(next));
        assertEquals(
                List.of("CREATE INDEX i ON public.t USING btree (b)"),
                query("select indexdef from pg_indexes where indexname = 'i'"));
    }

    @Test
    void dropThatHasDoneItsWorkIsPassedOver() throws SQLException {
        fixture.file(
                "V2__swap.sql",
                "drop index concurrently gone; create index concurrently i on t (a);");
        execute("create index gone on t (b)");
        Claim.Claimed next = killedIn("V2__swap.sql");
        execute("drop index gone");
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(next));
        assertEquals(List.of("i|t"), indexes());
        assertEquals(
                List.of("2|t"),
                query("select version, success from flyway_schema_history where version = '2'"));
    }

    @Test
    void copyThatACutOffReindexLeftIsDropped() throws SQLException {
        execute("create index i on t (a)");
        fixture.file("V2__re.sql", "reindex table concurrently t")
                .file("V2__re.sql.conf", "executeInTransaction=false");
        Claim.Claimed next = killedIn("V2__re.sql");
        execute("create index i_ccnew on t (a)");
        execute(INVALID.formatted("i_ccnew"));
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(next));
        assertEquals(List.of("i|t"), indexes());
    }

    @Test
    void failedRowOfTheHistoryIsRepairedByTheSameRule() throws SQLException {
        execute("insert into t values (1, 1), (1, 1)");
        fixture.file("V2__u.sql", "create unique index concurrently u on t (a)");
        Claim.Claimed first = fixture.claimed();
        assertThrows(RuntimeException.class, () -> fixture.run(first));
        assertEquals(List.of("u|f"), indexes());
        execute("delete from t");
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(fixture.claimed()));
        assertEquals(List.of("u|t"), indexes());
        assertEquals(
                List.of("1|t", "2|t"),
                query("select version, success from flyway_schema_history order by 1"));
    }

    @Test
    void scriptThatCouldBeAppliedTwiceIsLeftToAPerson() throws SQLException {
        fixture.file("V2__mixed.sql", "vacuum t; insert into t values (1, 42);")
                .file("V2__mixed.sql.conf", "executeInTransaction=false");
        Claim.Claimed next = killedIn("V2__mixed.sql");
        Ending.Failed failed = (Ending.Failed) fixture.run(next);
        assertEquals(FailureCode.HALF_DONE, failed.failure().code());
        assertTrue(
                failed.failure().detail().contains("insert into t values (…, …)"),
                failed.failure().detail());
        assertEquals(Optional.of("1"), fixture.row(next).schemaBefore());
        assertEquals(List.of("0"), query("select count(*) from t"));
    }

    @Test
    void validIndexThatNobodyNotedIsLeftToAPerson() throws SQLException {
        fixture.file("V2__i.sql", "create index concurrently i on t (a)");
        execute("create index i on t (a)");
        assertThrows(RuntimeException.class, () -> fixture.run(fixture.claimed()));
        // As plain Flyway leaves it: a failed row, and no note.
        fixture.postgres.execute(
                "postgres",
                "delete from db_migrate.unsettled where database = '%s'"
                        .formatted(fixture.database));
        Ending.Failed failed = (Ending.Failed) fixture.run(fixture.claimed());
        assertEquals(FailureCode.HALF_DONE, failed.failure().code());
        assertEquals(List.of("i|t"), indexes());
    }

    @Test
    void transactionalMigrationThatWasCutOffSimplyRunsAgain() throws SQLException {
        fixture.file("V2__t.sql", "insert into t values (2, 2)");
        Claim.Claimed next = killedIn("V2__t.sql");
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(next));
        assertEquals(List.of("1"), query("select count(*) from t"));
    }

    @Test
    void scriptThatCouldBeAppliedTwiceIsNotRunByTheNextProcessEither() throws SQLException {
        fixture.file("V2__twice.sql", "insert into t values (1, 42); vacuum t;")
                .file("V2__twice.sql.conf", "executeInTransaction=false");
        killedIn("V2__twice.sql");
        execute("insert into t values (1, 42)");
        for (int process = 0; process < 2; process++) {
            Ending.Failed failed = (Ending.Failed) fixture.run(fixture.claimed());
            assertEquals(FailureCode.HALF_DONE, failed.failure().code());
        }
        assertEquals(List.of("1"), query("select count(*) from t"));
        assertEquals(
                List.of("f"),
                query("select success from flyway_schema_history where version = '2'"));
        // A person has undone it and deletes the row, as the failure says.
        execute("delete from t; delete from flyway_schema_history where not success");
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(fixture.claimed()));
        assertEquals(List.of("1"), query("select count(*) from t"));
    }

    @Test
    void finishedByHandAndCalledSoInTheHistoryItIsPassed() throws SQLException {
        fixture.file("V2__twice.sql", "insert into t values (1, 42); vacuum t;")
                .file("V2__twice.sql.conf", "executeInTransaction=false")
                .file("V3__next.sql", "create table next ()");
        fixture.run(killedIn("V2__twice.sql"));
        execute("update flyway_schema_history set success = true where not success");
        assertEquals(new Ending.Completed(Optional.of("3")), fixture.run(fixture.claimed()));
        assertEquals(List.of("0"), query("select count(*) from t"));
    }

    @Test
    void invalidIndexOfAProcessThatEndedIsBuiltAgainByTheNext() throws SQLException {
        fixture.file("V2__i.sql", "create index concurrently if not exists i on t (a)");
        Claim.Claimed killed = killedIn("V2__i.sql");
        execute("create index i on t (a)");
        execute(INVALID.formatted("i"));
        fixture.attempts().cancel(killed.attempt(), Optional.empty());
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(fixture.claimed()));
        assertEquals(List.of("i|t"), indexes());
    }

    @Test
    void olderIndexThatACorrectedFileNamesIsNotTouched() throws SQLException {
        execute("insert into t values (1, 1), (1, 2); create unique index t_key on t (a, b)");
        fixture.file("V2__u.sql", "create unique index concurrently u on t (a)");
        assertThrows(RuntimeException.class, () -> fixture.run(fixture.claimed()));
        fixture.file("V2__u.sql", "create index concurrently if not exists t_key on t (a)");
        String oid = "select 't_key'::regclass::oid";
        List<String> before = query(oid);
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(fixture.claimed()));
        assertEquals(before, query(oid));
        assertEquals(List.of("t_key|t"), indexes());
    }

    @Test
    void indexOfAnotherSchemasHistoryIsNotTouched() throws SQLException {
        execute(
                "create schema a; create schema b; create table a.t (x int); create table b.t (x int)");
        execute("create index i on a.t (x)");
        fixture.file("V2__i.sql", "create index concurrently i on t (x)");
        fixture.file("V1__init.sql", "select 1");
        String oid = "select 'a.i'::regclass::oid";
        List<String> before = query(oid);
        for (String schema : List.of("a", "b", "a")) {
            fixture.with(
                    Map.of(
                            "FLYWAY_DEFAULT_SCHEMA",
                            schema,
                            "FLYWAY_BASELINE_ON_MIGRATE",
                            "true",
                            "FLYWAY_BASELINE_VERSION",
                            "1"));
            try {
                fixture.run(fixture.claimed());
            } catch (RuntimeException expected) {
                assertEquals("a", schema);
            }
        }
        assertEquals(before, query(oid));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "create index concurrently i on s.t (a)~create index i on s.t (a)~s.i",
                "create index concurrently \"I x\" on \"s\".\"t\" (a)~create index \"I x\" on s.t (a)~s.\"I x\"",
                "create index concurrently if not exists ÜberSicht on s.t (a)~create index ÜberSicht on s.t (a)~s.ÜberSicht",
                "create index concurrently if not exists a123456789012345678901234567890123456789012345678901234567890123456789 on s.t (a)"
                        + "~create index a123456789012345678901234567890123456789012345678901234567890123456789 on s.t (a)"
                        + "~s.a12345678901234567890123456789012345678901234567890123456789012",
                "create index concurrently i_${flyway:table} on s.t (a)~create index i_flyway_schema_history on s.t (a)~s.i_flyway_schema_history"
            })
    void invalidIndexIsFoundHoweverItsNameIsWritten(String statement, String made, String name)
            throws SQLException {
        execute("create schema s; create table s.t (a int)");
        fixture.file("V2__i.sql", statement);
        Claim.Claimed next = killedIn("V2__i.sql");
        execute(made);
        execute(INVALID.formatted(name));
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(next));
        assertEquals(
                List.of("t"),
                query(
                        "select indisvalid from pg_index where indexrelid = '%s'::regclass"
                                .formatted(name)));
    }

    @Test
    void dropThatWasCutOffIsFinished() throws SQLException {
        execute("create index i on t (a)");
        fixture.file("V2__d.sql", "drop index concurrently public.i");
        Claim.Claimed next = killedIn("V2__d.sql");
        execute(INVALID.formatted("i"));
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(next));
        assertEquals(List.of(), indexes());
    }

    @Test
    void swapThatWasCutOffBetweenDropAndCreateIsFinished() throws SQLException {
        execute("create index i on t (a)");
        fixture.file(
                "V2__swap.sql", "drop index concurrently i; create index concurrently i on t (b);");
        Claim.Claimed next = killedIn("V2__swap.sql");
        execute("drop index i; create index i on t (b)");
        execute(INVALID.formatted("i"));
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(next));
        assertEquals(
                List.of("CREATE INDEX i ON public.t USING btree (b)"),
                query("select indexdef from pg_indexes where indexname = 'i'"));
    }

    @Test
    void dropOfWhatNeverStoodFailsEachTime() throws SQLException {
        fixture.file("V2__d.sql", "drop index concurrently typo");
        for (int process = 0; process < 2; process++) {
            assertThrows(RuntimeException.class, () -> fixture.run(fixture.claimed()));
        }
    }

    @Test
    void indexThatAPersonBuiltAfterAFailureIsNotTouched() throws SQLException {
        execute("insert into t values (1, 1), (1, 1)");
        fixture.file("V2__u.sql", "create unique index concurrently if not exists u on t (a)");
        assertThrows(RuntimeException.class, () -> fixture.run(fixture.claimed()));
        execute("drop index u; delete from t; create unique index u on t (a, b)");
        List<String> before = query("select 'u'::regclass::oid");
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(fixture.claimed()));
        assertEquals(before, query("select 'u'::regclass::oid"));
    }

    @Test
    void indexThatAPersonIsBuildingIsNotTouched() throws Exception {
        fixture.file("V2__i.sql", "create index concurrently i on t (a)");
        Claim.Claimed next = killedIn("V2__i.sql");
        try (Connection reader = fixture.postgres.connect(fixture.database);
                Connection person = fixture.postgres.connect(fixture.database)) {
            reader.setAutoCommit(false);
            reader.createStatement().execute("lock table t in row exclusive mode");
            CompletableFuture<Boolean> building =
                    CompletableFuture.supplyAsync(() -> {
                        try {
                            return person.createStatement()
                                    .execute("create index concurrently i on t (b)");
                        } catch (SQLException e) {
                            throw new CompletionException(e);
                        }
                    });
            long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (indexes().isEmpty() && System.nanoTime() < limit) {
                Thread.onSpinWait();
            }
            Ending.Failed failed = (Ending.Failed) fixture.run(next);
            assertTrue(failed.failure().detail().contains("being built by the session"));
            reader.rollback();
            building.get(30, TimeUnit.SECONDS);
        }
        assertEquals(List.of("i|t"), indexes());
    }

    @Test
    void copiesThatACutOffReindexOfASchemaLeftAreDroppedAndNoOlderOnes() throws SQLException {
        execute("create table p (a int) partition by range (a)");
        execute("create table p1 partition of p for values from (0) to (9)");
        execute("create index p_i on p (a); create index old_ccnew on t (b)");
        execute(INVALID.formatted("old_ccnew"));
        fixture.file(
                        "V2__re.sql",
                        "reindex schema concurrently public; reindex index concurrently p_i")
                .file("V2__re.sql.conf", "executeInTransaction=false");
        Claim.Claimed next = killedIn("V2__re.sql");
        execute("create index p1_a_idx_ccnew on p1 (a); create index i_ccnew1 on t (a)");
        execute(INVALID.formatted("p1_a_idx_ccnew"));
        execute(INVALID.formatted("i_ccnew1"));
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(next));
        assertEquals(
                List.of("old_ccnew"),
                query("select indexrelid::regclass from pg_index where not indisvalid"));
    }

    @Test
    void scriptThatCommitsItselfIsNotRunAgainAfterItsCommit() throws SQLException {
        fixture.file("V2__c.sql", "begin;\ninsert into t values (2, 2);\ncommit;\nselect 1;");
        Claim.Claimed next = killedIn("V2__c.sql");
        execute("insert into t values (2, 2)");
        Ending.Failed failed = (Ending.Failed) fixture.run(next);
        assertEquals(FailureCode.HALF_DONE, failed.failure().code());
        assertEquals(List.of("1"), query("select count(*) from t"));
    }

    @Test
    void scriptThatFailsBeforeItsOwnCommitIsRolledBackAndRunsAgain() throws SQLException {
        fixture.file("V2__c.sql", "insert into t values (2, 2);\nselect * from missing;\ncommit;");
        assertThrows(RuntimeException.class, () -> fixture.run(fixture.claimed()));
        fixture.file("V2__c.sql", "insert into t values (2, 2);\ncommit;");
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(fixture.claimed()));
        assertEquals(List.of("1"), query("select count(*) from t"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "insert into t values (2, 2);\ncommit;\nselect * from missing;",
                "vacuum t;\ninsert into t values (2, 2);\nselect * from missing;",
            })
    void scriptThatFailsBehindWhatStandsSaysSoAndIsNotRunAgain(String sql) throws SQLException {
        fixture.file("V2__c.sql", sql);
        if (sql.startsWith("vacuum")) {
            fixture.file("V2__c.sql.conf", "executeInTransaction=false");
        }
        Claim.Claimed claimed = fixture.claimed();
        fixture.attempt(claimed, TimeLimit.none());
        Failure failure = fixture.row(claimed).error().orElseThrow();
        assertEquals(FailureCode.OBJECT_MISSING, failure.code());
        assertEquals(
                "What is before line 3 of V2__c.sql may stand",
                failure.action().substring(0, failure.action().indexOf(':')));
        assertEquals(
                List.of("f"),
                query("select success from flyway_schema_history where version = '2'"));
        Claim.Claimed next = fixture.claimed();
        fixture.attempt(next, TimeLimit.none());
        assertTrue(
                Set.of(FailureCode.EARLIER_FAILURE, FailureCode.HALF_DONE)
                        .contains(fixture.row(next).error().orElseThrow().code()));
        assertEquals(List.of("1"), query("select count(*) from t"));
        // As its action says.
        execute("delete from t; delete from flyway_schema_history where not success");
        fixture.file("V2__c.sql", sql.replace("missing", "t"));
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(fixture.claimed()));
        assertEquals(List.of("1"), query("select count(*) from t"));
    }

    @Test
    void scriptThatGetsNoLockBehindItsOwnCommitIsNotTriedAgain() throws SQLException {
        fixture.file(
                "V2__c.sql", "insert into t values (2, 2);\ncommit;\nalter table t add c int;");
        try (Connection application = fixture.postgres.connect(fixture.database)) {
            application.setAutoCommit(false);
            application.createStatement().execute("lock table t in share update exclusive mode");
            Claim.Claimed claimed = fixture.claimed();
            assertInstanceOf(Ending.Failed.class, fixture.attempt(claimed, TimeLimit.none()));
            Failure failure = fixture.row(claimed).error().orElseThrow();
            assertEquals(FailureCode.LOCK_TIMEOUT, failure.code());
            assertTrue(failure.action().startsWith("What is before line 3"), failure.action());
        }
    }

    @Test
    void failureOnTheLineOfTheCommitIsRolledBackBeforeItAndStandsBehindIt() throws SQLException {
        fixture.file("V2__c.sql", "insert into t values (2, 2); select * from missing; commit;");
        fixture.attempt(fixture.claimed(), TimeLimit.none());
        assertEquals(List.of("1"), query("select count(*) from flyway_schema_history"));
        fixture.file("V2__c.sql", "insert into t values (2, 2); commit; select * from missing;");
        fixture.attempt(fixture.claimed(), TimeLimit.none());
        assertEquals(
                List.of("t", "f"),
                query("select success from flyway_schema_history order by 1 desc"));
        assertEquals(List.of("1"), query("select count(*) from t"));
    }

    @Test
    void scriptThatFlywayCouldNotReadNeverBegan() throws SQLException {
        fixture.file("V2__n.sql", "insert into t values (2, 2);\nselect '${who}';")
                .file("V2__n.sql.conf", "executeInTransaction=false");
        Claim.Claimed claimed = fixture.claimed();
        fixture.attempt(claimed, TimeLimit.none());
        assertEquals(
                FailureCode.PLACEHOLDER_MISSING, fixture.row(claimed).error().orElseThrow().code());
        assertEquals(List.of("0"), query("select count(*) from t"));
        fixture.with(Map.of("FLYWAY_PLACEHOLDERS_WHO", "me"));
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(fixture.claimed()));
        assertEquals(List.of("1"), query("select count(*) from t"));
    }

    @Test
    void whatDidNotEndIsNotForgottenWithItsFile() throws SQLException, IOException {
        fixture.file("V2__c.sql", "insert into t values (2, 2);\ncommit;\nselect 1;");
        killedIn("V2__c.sql");
        execute("insert into t values (2, 2)");
        Files.move(migrations.resolve("V2__c.sql"), migrations.resolve("V3__c.sql"));
        Ending.Failed failed = (Ending.Failed) fixture.run(fixture.claimed());
        assertEquals(FailureCode.HALF_DONE, failed.failure().code());
        assertEquals(Optional.of("V2__c.sql"), failed.failure().script());
        assertEquals(List.of("1"), query("select count(*) from t"));
        // And what the action says helps.
        String action = failed.failure().action();
        fixture.postgres.execute("postgres", action.substring(action.indexOf("delete from")));
        execute("delete from t");
        assertEquals(new Ending.Completed(Optional.of("3")), fixture.run(fixture.claimed()));
    }

    @Test
    void whatTheHistoryCallsFailedIsNotForgottenWithItsFile() throws SQLException, IOException {
        fixture.file("V2__n.sql", "insert into t values (2, 2);\nselect * from missing;")
                .file("V2__n.sql.conf", "executeInTransaction=false");
        fixture.attempt(fixture.claimed(), TimeLimit.none());
        Files.delete(migrations.resolve("V2__n.sql"));
        Ending.Failed failed = (Ending.Failed) fixture.run(fixture.claimed());
        assertEquals(FailureCode.EARLIER_FAILURE, failed.failure().code());
        assertEquals(Optional.of("V2__n.sql"), failed.failure().script());
        execute("delete from flyway_schema_history where not success");
        assertEquals(new Ending.Completed(Optional.of("1")), fixture.run(fixture.claimed()));
    }

    @Test
    void canceledProcessSaysWhatMayStand() throws Exception {
        fixture.file("V2__c.sql", "insert into t values (2, 2);\ncommit;\nselect pg_sleep(100);");
        Claim.Claimed claimed = fixture.claimed();
        UUID id = claimed.attempt().processId();
        CompletableFuture<Ending> attempt =
                CompletableFuture.supplyAsync(() -> {
                    try {
                        return fixture.attempt(claimed, TimeLimit.none());
                    } catch (SQLException e) {
                        throw new CompletionException(e);
                    }
                });
        while (!query("select count(*) from t").equals(List.of("1"))) {
            Thread.onSpinWait();
        }
        fixture.askToStop(id);
        assertInstanceOf(Ending.Canceled.class, attempt.get(60, TimeUnit.SECONDS));
        MigrationProcess row = fixture.row(claimed);
        assertEquals(ProcessState.CANCELED, row.state());
        assertEquals(FailureCode.HALF_DONE, row.error().orElseThrow().code());
        assertEquals(Optional.of("V2__c.sql"), row.error().get().script());
        assertEquals(
                List.of("f"),
                query("select success from flyway_schema_history where version = '2'"));
    }

    @Test
    void functionWithEndInItIsNoScriptThatCommits() throws SQLException {
        fixture.file(
                "V2__f.sql",
                "create function f() returns int language plpgsql as $$ begin return 1; end $$;"
                        + " savepoint s; rollback to savepoint s; insert into t values (3, 3);");
        Claim.Claimed next = killedIn("V2__f.sql");
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(next));
        assertEquals(List.of("1"), query("select count(*) from t"));
    }

    @Test
    void nothingStaysNotedOfWhatIsApplied() throws SQLException {
        fixture.file("V2__i.sql", "create index concurrently i on t (a)")
                .file("V3__x.sql", "create table x ()")
                .file("V4__c.sql", "select 1; commit;");
        fixture.run(fixture.claimed());
        assertEquals(
                List.of("0"),
                fixture.postgres.query(
                        "postgres",
                        "select count(*) from db_migrate.unsettled where database = '%s'"
                                .formatted(fixture.database)));
    }

    /** An attempt notes a script, begins it and is heard of no more; the next one is claimed. */
    private Claim.Claimed killedIn(String script) throws SQLException {
        Claim.Claimed first = fixture.claimed();
        AttemptGuard guard = new AttemptGuard(Optional::empty, TimeLimit.none());
        RowCallback callback =
                new RowCallback(
                        fixture.attempts(),
                        first.attempt(),
                        guard,
                        Duration.ZERO,
                        fixture.database,
                        new Log(Map.of()));
        try (Connection connection = fixture.open().connection()) {
            Flyway flyway =
                    new FlywayConfiguration(fixture.settings, first.request())
                            .flyway(new SingleConnection(connection), callback);
            MigrationInfo migration =
                    Stream.of(flyway.info().pending())
                            .filter(pending -> pending.getScript().equals(script))
                            .findFirst()
                            .orElseThrow();
            Configuration configuration = flyway.getConfiguration();
            Optional<MigrationScript> noted =
                    MigrationScript.withoutRollback(migration, configuration, connection);
            if (noted.isPresent()) {
                new HalfDoneWork(
                                connection,
                                configuration,
                                fixture.attempts().rows(),
                                fixture.database)
                        .begin(first.attempt(), migration, noted.get());
            }
        }
        fixture.attempts()
                .advance(
                        first.attempt(),
                        Settlement.APPLIED,
                        Optional.of(new NextMigration(Optional.of("2"), "x", script)));
        return fixture.next(first);
    }

    private List<String> indexes() {
        return query(
                "select indexrelid::regclass, indisvalid from pg_index where indrelid = 't'::regclass");
    }

    private List<String> query(String sql) {
        return fixture.postgres.query(fixture.database, sql);
    }

    private void execute(String sql) {
        fixture.postgres.execute(fixture.database, sql);
    }
}
