package dbmigrate.worker;

import static dbmigrate.worker.CommandFixture.code;
import static dbmigrate.worker.CommandFixture.pairs;
import static dbmigrate.worker.CommandFixture.result;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.json.JsonObject;
import dbmigrate.process.Claim;
import dbmigrate.process.Command;
import dbmigrate.process.FailureCode;
import dbmigrate.process.MigrationProcess;
import dbmigrate.process.MigrationRequest;
import dbmigrate.process.ProcessState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What repair changes, and that migrations go on behind it. */
@Tag("database")
@Timeout(120)
class RepairTest {
    private static final String HISTORY =
            "select version, type, success from flyway_schema_history order by installed_rank";

    @TempDir Path migrations;

    private CommandFixture fixture;

    @BeforeEach
    void open() throws SQLException {
        fixture = new CommandFixture(migrations);
        fixture.file("V1__t.sql", "create table t (a int, b int)")
                .file("V2__b.sql", "create table b ()");
        fixture.migrated();
    }

    @AfterEach
    void close() throws SQLException {
        fixture.close();
    }

    @Test
    void historyIsMadeToAgreeAndTheResultSaysWhatWasChanged() throws SQLException, IOException {
        fixture.execute(
                "insert into flyway_schema_history select 3, '3', 'c', 'SQL', 'V3__c.sql', 7, 'x', now(), 0, false");
        fixture.file("V1__t.sql", "create table t (a int)");
        Files.delete(migrations.resolve("V2__b.sql"));
        // Above every file it would be a newer release's, which Flyway leaves alone.
        fixture.file("V4__d.sql", "create table d ()");
        MigrationProcess row = fixture.row(Command.REPAIR);
        assertEquals(ProcessState.COMPLETED, row.state(), row.error()::toString);
        assertEquals(List.of("3 V3__c.sql"), pairs(row, "removed", "version", "script"));
        assertEquals(List.of("2 V2__b.sql"), pairs(row, "deleted", "version", "script"));
        assertEquals(List.of("1 V1__t.sql"), pairs(row, "aligned", "version", "script"));
        JsonObject aligned = result(row).objects("aligned").getFirst();
        assertTrue(aligned.number("checksum").isPresent());
        assertFalse(aligned.number("checksum").equals(aligned.number("appliedChecksum")));
        assertEquals(Optional.of(0), result(row).integer("omitted"));
        assertEquals(ProcessState.COMPLETED, fixture.row(Command.VALIDATE).state());
        fixture.migrated();
    }

    @Test
    void whereNothingIsWrongNothingIsChanged() throws SQLException {
        MigrationProcess row = fixture.row(Command.REPAIR);
        assertEquals(
                Optional.of(
                        "{\"removed\":[],\"cleared\":[],\"forgotten\":[],\"deleted\":[],\"aligned\":[],\"omitted\":0}"),
                row.result());
        assertEquals(List.of("1|SQL|t", "2|SQL|t"), fixture.query(HISTORY));
    }

    @Test
    void whatAPersonHasUndoneRunsAgain() throws SQLException {
        fixture.file("V3__c.sql", "insert into t values (1, 1);\ncommit;\nselect * from missing;");
        MigrationProcess failed = fixture.row(migrate());
        assertEquals(FailureCode.OBJECT_MISSING, code(failed));
        assertEquals(FailureCode.EARLIER_FAILURE, code(fixture.row(migrate())));
        fixture.execute("delete from t");
        fixture.file("V3__c.sql", "insert into t values (1, 1);\ncommit;\nselect 1;");
        MigrationProcess row = fixture.row(Command.REPAIR);
        assertEquals(List.of("3 V3__c.sql"), pairs(row, "removed", "version", "script"));
        fixture.migrated();
        assertEquals(List.of("1"), fixture.query("select count(*) from t"));
    }

    @Test
    void baselineBesideAMigrationOfItsVersionIsNamedItself() throws SQLException, IOException {
        fixture.file("V9__latest.sql", "create table latest ()");
        fixture.migrated();
        fixture.execute(
                "insert into flyway_schema_history select 9, '3', 'base', 'SQL_BASELINE', 'B3__base.sql', 7, 'x', now(), 0, true");
        fixture.file("B3__base.sql", "select 1").file("V3__x.sql", "select 2");
        MigrationProcess changed = fixture.row(Command.REPAIR);
        assertEquals(List.of("3 B3__base.sql"), pairs(changed, "aligned", "version", "script"));
        assertEquals(
                List.of("7"),
                result(changed).objects("aligned").stream()
                        .map(one -> String.valueOf(one.members().get("appliedChecksum")))
                        .toList());
    }

    @Test
    void whatIsClearedAwayAlreadyIsNotClearedOnceMore() throws SQLException {
        fixture.execute("insert into t values (1, 1), (1, 1)");
        fixture.file("V3__u.sql", "create unique index concurrently u on t (a)");
        fixture.row(migrate());
        assertEquals(1, result(fixture.row(Command.REPAIR)).objects("cleared").size());
        assertEquals(List.of(), result(fixture.row(Command.REPAIR)).objects("cleared"));
    }

    @Test
    void lockOfTheHistoryThatIsNotToBeHadInTimeIsTriedAgain() throws SQLException {
        fixture.run.lockTimeout(Duration.ofMillis(100));
        Claim.Claimed claimed =
                fixture.run.claimed(
                        fixture.request(Command.REPAIR, Optional.empty(), Optional.empty()));
        try (Connection other = fixture.run.postgres.connect(fixture.run.database);
                Statement lock = other.createStatement()) {
            other.setAutoCommit(false);
            lock.execute("lock table flyway_schema_history");
            Ending ending = fixture.run.attempt(claimed, TimeLimit.none());
            Ending.GivenBack back = assertInstanceOf(Ending.GivenBack.class, ending);
            assertEquals(FailureCode.LOCK_TIMEOUT, back.failure().orElseThrow().code());
            other.rollback();
        }
    }

    @Test
    void noteOfAMigrationThatWasCutOffIsForgotten() throws SQLException {
        fixture.file("V3__c.sql", "insert into t values (1, 1); commit;");
        fixture.note("V3__c.sql", false);
        fixture.note("V4__gone.sql", false);
        MigrationProcess row = fixture.row(Command.REPAIR);
        assertTrue(
                row.result()
                        .orElseThrow()
                        .contains("\"forgotten\":[\"V3__c.sql\",\"V4__gone.sql\"]"),
                row.result()::orElseThrow);
        assertEquals(List.of(), fixture.notes());
        fixture.migrated();
    }

    @Test
    void indexOfAFailedBuildIsClearedAwayAndBuiltAgain() throws SQLException {
        fixture.execute("insert into t values (1, 1), (1, 1)");
        fixture.file("V3__u.sql", "create unique index concurrently if not exists u on t (a)");
        assertEquals(FailureCode.CONSTRAINT_VIOLATED, code(fixture.row(migrate())));
        fixture.execute("delete from t");
        MigrationProcess row = fixture.row(Command.REPAIR);
        assertEquals(ProcessState.COMPLETED, row.state(), row.error()::toString);
        JsonObject cleared = result(row).objects("cleared").getFirst();
        assertEquals(Optional.of("V3__u.sql"), cleared.string("script"));
        assertTrue(row.result().orElseThrow().contains("u"), row.result()::orElseThrow);
        assertEquals(List.of(), fixture.query("select 1 from pg_class where relname = 'u'"));
        fixture.migrated();
        assertEquals(
                List.of("t"),
                fixture.query("select indisvalid from pg_index where indexrelid = 'u'::regclass"));
        assertEquals(List.of(), fixture.notes());
    }

    @Test
    void nothingIsTouchedWhileSomebodyBuildsAnIndex() throws Exception {
        fixture.file("V3__i.sql", "create index concurrently i on t (a)")
                .file("V4__c.sql", "insert into t values (1, 1); commit;");
        fixture.note("V3__i.sql", true);
        fixture.note("V4__c.sql", false);
        try (Connection reader = fixture.run.postgres.connect(fixture.run.database);
                Connection person = fixture.run.postgres.connect(fixture.run.database);
                Statement lock = reader.createStatement();
                Statement build = person.createStatement()) {
            reader.setAutoCommit(false);
            lock.execute("lock table t in row exclusive mode");
            CompletableFuture<Boolean> building =
                    CompletableFuture.supplyAsync(() -> {
                        try {
                            return build.execute("create index concurrently i on t (b)");
                        } catch (SQLException e) {
                            throw new CompletionException(e);
                        }
                    });
            long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (fixture.query("select 1 from pg_stat_progress_create_index").isEmpty()
                    && System.nanoTime() < limit) {
                Thread.onSpinWait();
            }
            MigrationProcess row = fixture.row(Command.REPAIR);
            assertEquals(FailureCode.HALF_DONE, code(row));
            assertTrue(row.error().orElseThrow().detail().contains("being built"));
            assertEquals(List.of("V3__i.sql", "V4__c.sql"), fixture.notes());
            reader.rollback();
            building.get(30, TimeUnit.SECONDS);
        }
        assertEquals(
                List.of("t"),
                fixture.query("select indisvalid from pg_index where indexrelid = 'i'::regclass"));
    }

    @Test
    void repairThatTakesLongerThanTheFunctionMayEndsAndChangesNothingMore() throws SQLException {
        fixture.file("V3__i.sql", "create index concurrently i on t (a)");
        fixture.note("V3__i.sql", true);
        fixture.execute("create index i on t (a)");
        fixture.execute("update pg_index set indisvalid = false where indexrelid = 'i'::regclass");
        Claim.Claimed claimed =
                fixture.run.claimed(
                        fixture.request(Command.REPAIR, Optional.empty(), Optional.empty()));
        AtomicInteger remaining = new AtomicInteger(1_000_000);
        TimeLimit upOnceItWaits =
                new TimeLimit(
                        () -> isDropping() ? remaining.updateAndGet(_ -> 0) : remaining.get(),
                        Duration.ofSeconds(60),
                        Duration.ZERO);
        try (Connection reader = fixture.run.postgres.connect(fixture.run.database);
                Statement read = reader.createStatement()) {
            reader.setAutoCommit(false);
            read.execute("select * from t");
            fixture.run.attempt(claimed, upOnceItWaits);
            reader.rollback();
        }
        assertEquals(FailureCode.OUT_OF_TIME, code(fixture.run.row(claimed)));
        assertEquals(ProcessState.COMPLETED, fixture.row(Command.REPAIR).state());
        assertEquals(List.of(), fixture.query("select 1 from pg_class where relname = 'i'"));
        fixture.migrated();
    }

    private boolean isDropping() {
        return !fixture.run
                .postgres
                .query(
                        "postgres",
                        "select 1 from pg_stat_activity where datname = '%s' and state = 'active' and query like 'drop index%%'"
                                .formatted(fixture.run.database))
                .isEmpty();
    }

    private MigrationRequest migrate() {
        return fixture.request(Command.MIGRATE, Optional.empty(), Optional.empty());
    }
}
