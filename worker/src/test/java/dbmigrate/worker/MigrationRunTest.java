package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.process.Claim;
import dbmigrate.process.FailureCode;
import dbmigrate.process.MigrationProcess;
import dbmigrate.process.MigrationProcess.SettledMigration;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
@Tag("database")
class MigrationRunTest {
    @TempDir Path migrations;

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
    void everyPendingMigrationIsAppliedAndTheRowTellsOfEach() throws SQLException {
        fixture.file("V1__init.sql", "create table t (id int)")
                .file("V2__more.sql", "alter table t add c text")
                .file("R__view.sql", "create or replace view v as select * from t");
        Claim.Claimed claimed = fixture.claimed();
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(claimed));
        MigrationProcess row = fixture.row(claimed);
        assertEquals(
                List.of("V1__init.sql", "V2__more.sql", "R__view.sql"),
                row.migrations().stream().map(SettledMigration::script).toList());
        assertEquals(Optional.empty(), row.schemaBefore());
        assertEquals(Optional.of("2"), row.schemaNow());
        assertEquals(Optional.of(3), row.total());
        assertEquals(3, row.applied());
    }

    @Test
    void indexIsBuiltConcurrently() throws SQLException {
        fixture.file("V1__init.sql", "create table t (id int)")
                .file("V2__index.sql", "create index concurrently i on t (id)");
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(fixture.claimed()));
        assertEquals(
                List.of("t"),
                fixture.postgres.query(
                        fixture.database,
                        "select indisvalid from pg_index where indexrelid = 'i'::regclass"));
    }

    @Test
    void runIsOneSessionThatKeepsItsLockBetweenTwoMigrations() throws SQLException {
        // Flyway's own lock is let go there.
        fixture.file("V1__init.sql", "create table t (pid int)")
                .file("V2__a.sql", "insert into t values (pg_backend_pid())")
                .file("V3__b.sql", "insert into t values (pg_backend_pid())");
        List<Boolean> othersGotIt = new ArrayList<>();
        AttemptGuard guard =
                new AttemptGuard(
                        () -> {
                            othersGotIt.add(anotherSessionTakesTheLock());
                            return Optional.empty();
                        },
                        TimeLimit.none());
        assertEquals(new Ending.Completed(Optional.of("3")), fixture.run(fixture.claimed(), guard));
        assertEquals(List.of(false, false, false), othersGotIt);
        assertEquals(
                List.of("1"),
                fixture.postgres.query(fixture.database, "select count(distinct pid) from t"));
    }

    private boolean anotherSessionTakesTheLock() {
        try (Connection other = fixture.open().connection()) {
            return new MigrationLock(other).takeAtOnce();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void scriptThatLetsTheLockGoKeepsItUntilItsCommit() throws Exception {
        fixture.file("V1__unlock.sql", "select pg_advisory_unlock_all(); select pg_sleep(2);");
        Claim.Claimed claimed = fixture.claimed();
        CompletableFuture<Void> run =
                CompletableFuture.runAsync(
                        () -> assertThrows(RuntimeException.class, () -> fixture.run(claimed)));
        String asleep =
                "select count(*) from pg_stat_activity where datname = '%s' and wait_event = 'PgSleep'"
                        .formatted(fixture.database);
        long limit = System.nanoTime() + 30_000_000_000L;
        while (!fixture.postgres.query("postgres", asleep).equals(List.of("1"))
                && System.nanoTime() < limit) {
            Thread.onSpinWait();
        }
        try (Connection other = fixture.open().connection()) {
            assertFalse(new MigrationLock(other).takeAtOnce());
            assertEquals(List.of("1"), fixture.postgres.query("postgres", asleep));
        }
        run.get(30, TimeUnit.SECONDS);
    }

    @Test
    void scriptThatLetsTheLockGoIsStoppedAfterItsCommitAndTheRowSaysThatItIsApplied()
            throws SQLException {
        fixture.file("V1__unlock.sql", "select pg_advisory_unlock_all()")
                .file("V2__after.sql", "create table t (id int)");
        Claim.Claimed claimed = fixture.claimed();
        assertThrows(RuntimeException.class, () -> fixture.run(claimed));
        assertEquals(1, fixture.row(claimed).applied());
        assertEquals(
                List.of("1"),
                fixture.postgres.query(
                        fixture.database, "select version from flyway_schema_history"));
    }

    @Test
    void failingMigrationLeavesTheOnesBeforeItApplied() throws SQLException {
        fixture.file("V1__init.sql", "create table t (id int)")
                .file("V2__bad.sql", "create table u (id int);\nselect * from missing;");
        Claim.Claimed claimed = fixture.claimed();
        assertThrows(RuntimeException.class, () -> fixture.run(claimed));
        assertEquals(
                List.of("1|t"),
                fixture.postgres.query(
                        fixture.database,
                        "select version, success from flyway_schema_history order by 1"));
        assertEquals(
                List.of(),
                fixture.postgres.query(
                        fixture.database, "select 1 from pg_tables where tablename = 'u'"));
        assertEquals(
                List.of("applied", "failed"),
                fixture.row(claimed).migrations().stream().map(SettledMigration::state).toList());
    }

    @Test
    void commitThatFailsIsNotCalledApplied() throws SQLException {
        // Flyway reports the migration's end before this constraint is checked, at its commit.
        fixture.file(
                "V1__deferred.sql",
                """
                create table a (id int primary key);
                create table b (a int references a deferrable initially deferred);
                insert into b values (1);
                """);
        Claim.Claimed claimed = fixture.claimed();
        assertThrows(RuntimeException.class, () -> fixture.run(claimed));
        assertEquals(0, fixture.row(claimed).applied());
    }

    @Test
    void noMigrationFoundIsAFailureThatNamesTheFolder() throws SQLException {
        Ending.Failed failed = (Ending.Failed) fixture.run(fixture.claimed());
        assertEquals(FailureCode.NO_MIGRATIONS_FOUND, failed.failure().code());
        assertTrue(failed.failure().detail().contains(migrations.toString()));
    }

    @Test
    void misnamedFileIsNotPassedOver() throws SQLException {
        fixture.file("V1__init.sql", "select 1").file("V2_one_underscore.sql", "select 1");
        Claim.Claimed claimed = fixture.claimed();
        String message =
                assertThrows(RuntimeException.class, () -> fixture.run(claimed)).toString();
        assertTrue(message.contains("V2_one_underscore.sql"), message);
    }

    @Test
    void targetStopsThereAndOutOfOrderFillsGaps() throws SQLException {
        fixture.file("V1__a.sql", "select 1").file("V3__c.sql", "select 1");
        assertEquals(new Ending.Completed(Optional.of("3")), fixture.run(fixture.claimed()));
        fixture.file("V2__b.sql", "select 1").file("V4__d.sql", "select 1");
        Claim.Claimed claimed = fixture.claimed(fixture.request(Optional.of("3"), true, Map.of()));
        assertEquals(new Ending.Completed(Optional.of("3")), fixture.run(claimed));
        assertEquals(1, fixture.row(claimed).applied());
    }

    @Test
    void placeholdersOfTheCallerStandOverThoseOfTheEnvironment() throws SQLException {
        fixture.with(Map.of("FLYWAY_PLACEHOLDERS_ENV", "from_variable"))
                .file("V1__a.sql", "create table ${env} ()");
        Claim.Claimed claimed =
                fixture.claimed(
                        fixture.request(Optional.empty(), false, Map.of("env", "from_caller")));
        fixture.run(claimed);
        assertEquals(
                List.of("from_caller"),
                fixture.postgres.query(
                        fixture.database,
                        "select tablename from pg_tables where tablename like 'from%'"));
    }

    @Test
    void attemptThatIsLostStopsBetweenTwoMigrations() throws SQLException {
        fixture.file("V1__a.sql", "create table a ()").file("V2__b.sql", "create table b ()");
        AtomicInteger checks = new AtomicInteger();
        AttemptGuard guard =
                new AttemptGuard(
                        () ->
                                checks.incrementAndGet() > 1
                                        ? Optional.of(Stop.LOST)
                                        : Optional.empty(),
                        TimeLimit.none());
        Claim.Claimed claimed = fixture.claimed();
        assertThrows(RuntimeException.class, () -> fixture.run(claimed, guard));
        assertEquals(
                List.of("1"),
                fixture.postgres.query(
                        fixture.database, "select version from flyway_schema_history"));
    }

    @Test
    void migrationThatAnEarlierAttemptCommittedButCouldNotReportIsSettledByTheHistory()
            throws SQLException {
        fixture.file("V1__a.sql", "create table a ()");
        Claim.Claimed first = fixture.claimed();
        fixture.run(first);
        Claim.Claimed again =
                new Claim.Claimed(
                        fixture.claimed().attempt(),
                        first.command(),
                        first.request(),
                        1,
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        Optional.of("V1__a.sql"));
        fixture.postgres.execute(
                "postgres",
                """
                update db_migrate.process set current_script = 'V1__a.sql', current_version = '1',
                    current_description = 'a', current_started_at = now() where id = '%s'
                """
                        .formatted(again.attempt().processId()));
        fixture.run(again);
        assertEquals(1, fixture.row(again).applied());
        assertEquals(Optional.empty(), fixture.row(again).current());
        assertFalse(fixture.row(again).migrations().isEmpty());
    }
}
