package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.process.Claim;
import dbmigrate.process.FailureCode;
import dbmigrate.process.MigrationProcess.EndedAttempt;
import dbmigrate.process.NextMigration;
import dbmigrate.process.ProcessState;
import dbmigrate.process.Settlement;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("database")
@Timeout(120)
class AttemptRunTest {
    private static final String SLEEPING =
            "select count(*) from pg_stat_activity where datname = '%s' and state = 'active' and query like '%%pg_sleep%%' and pid <> pg_backend_pid()";

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
    void runningStatementIsCanceledAndWhatWasAppliedStays() throws Exception {
        fixture.file("V1__a.sql", "create table a ()")
                .file("V2__long.sql", "create table b (); select pg_sleep(100);");
        Claim.Claimed claimed = fixture.claimed();
        CompletableFuture<Ending> attempt = async(() -> fixture.attempt(claimed, TimeLimit.none()));
        until(() -> sleeping() == 1);
        fixture.askToStop(claimed.attempt().processId());
        assertEquals(new Ending.Canceled(), attempt.get(30, TimeUnit.SECONDS));
        assertEquals(ProcessState.CANCELED, fixture.row(claimed).state());
        assertEquals(1, fixture.row(claimed).applied());
        assertEquals(0, sleeping());
        assertEquals(
                List.of("1"),
                fixture.postgres.query(
                        fixture.database, "select version from flyway_schema_history"));
    }

    @Test
    void migrationThatHadAllTheTimeAndNeedsMoreFailsAndSaysWhatToDo() throws SQLException {
        fixture.file("V1__long.sql", "create table a (); select pg_sleep(100);");
        Claim.Claimed claimed = fixture.claimed();
        Ending.Failed failed =
                (Ending.Failed) fixture.attempt(claimed, upWhileAStatementSleeps(Duration.ZERO));
        assertEquals(FailureCode.OUT_OF_TIME, failed.failure().code());
        assertEquals(Optional.of("V1__long.sql"), failed.failure().script());
        assertTrue(failed.failure().action().contains("docs/operations.md"));
        assertEquals(ProcessState.FAILED, fixture.row(claimed).state());
    }

    @Test
    void migrationThatDidNotHaveAllTheTimeGetsItFromTheNextAttempt() throws SQLException {
        fixture.file("V1__a.sql", "create table a ()")
                .file("V2__long.sql", "create table b (); select pg_sleep(3);");
        Claim.Claimed claimed = fixture.claimed();
        Ending ending = fixture.attempt(claimed, upWhileAStatementSleeps(Duration.ZERO));
        assertEquals(AttemptGuard.outOfTime(), ending);
        assertEquals(ProcessState.RUNNING, fixture.row(claimed).state());
        Claim.Claimed next = fixture.next(claimed);
        assertEquals(0, next.failures());
        assertEquals(
                new Ending.Completed(Optional.of("2")), fixture.attempt(next, TimeLimit.none()));
        assertEquals(2, fixture.row(claimed).applied());
    }

    @Test
    void firstMigrationThatBeganLateIsTriedAgainAndItsAttemptCountsAsFailed() throws SQLException {
        fixture.file("V1__long.sql", "create table a (); select pg_sleep(3);");
        Claim.Claimed claimed = fixture.claimed();
        Ending.GivenBack ending =
                (Ending.GivenBack)
                        fixture.attempt(claimed, upWhileAStatementSleeps(Duration.ofMinutes(14)));
        assertEquals(FailureCode.OUT_OF_TIME, ending.failure().orElseThrow().code());
        assertEquals(ProcessState.RUNNING, fixture.row(claimed).state());
        Claim.Claimed next = fixture.next(claimed);
        assertEquals(1, next.failures());
        assertEquals(
                new Ending.Completed(Optional.of("1")), fixture.attempt(next, TimeLimit.none()));
    }

    @Test
    void migrationThatWaitsForALockGivesWayAndTriesAgain() throws Exception {
        fixture.file("V1__a.sql", "create table a ()");
        fixture.attempt(fixture.claimed(), TimeLimit.none());
        fixture.file("V2__alter.sql", "alter table a add b int");
        Claim.Claimed claimed = fixture.claimed();
        CompletableFuture<Ending> attempt;
        try (Connection application = fixture.postgres.connect(fixture.database)) {
            application.setAutoCommit(false);
            application.createStatement().execute("select * from a");
            attempt = async(() -> fixture.attempt(claimed, TimeLimit.none()));
            until(() -> !fixture.row(claimed).attempts().isEmpty());
            // The queue is clear between two tries: another reader gets in.
            fixture.postgres.query(fixture.database, "select count(*) from a");
        }
        assertEquals(new Ending.Completed(Optional.of("2")), attempt.get(60, TimeUnit.SECONDS));
        EndedAttempt first = fixture.row(claimed).attempts().getFirst();
        assertEquals(FailureCode.LOCK_TIMEOUT, first.error().orElseThrow().code());
        assertEquals(ProcessState.COMPLETED, fixture.row(claimed).state());
    }

    @Test
    void indexBuildWaitsForALongTransactionWithoutGivingUp() throws Exception {
        fixture.file("V1__a.sql", "create table a (b int)");
        fixture.attempt(fixture.claimed(), TimeLimit.none());
        fixture.file("V2__i.sql", "create index concurrently i on a (b)");
        Claim.Claimed claimed = fixture.claimed();
        CompletableFuture<Ending> attempt;
        try (Connection application = fixture.postgres.connect(fixture.database)) {
            application.setAutoCommit(false);
            application.createStatement().execute("select * from a");
            attempt = async(() -> fixture.attempt(claimed, TimeLimit.none()));
            String waiting =
                    "select count(*) from pg_stat_activity where datname = '%s' and wait_event_type = 'Lock' and clock_timestamp() - query_start > interval '1 s'"
                            .formatted(fixture.database);
            until(() -> fixture.postgres.query("postgres", waiting).equals(List.of("1")));
        }
        assertEquals(new Ending.Completed(Optional.of("2")), attempt.get(60, TimeUnit.SECONDS));
        assertEquals(List.of(), fixture.row(claimed).attempts());
    }

    @Test
    void sessionThatADeadAttemptLeftIsEndedBeforeAnythingElse() throws Exception {
        fixture.file("V1__long.sql", "create table a (); select pg_sleep(100);");
        Claim.Claimed first = fixture.claimed();
        CompletableFuture<Ending> frozen = async(() -> fixture.attempt(first, TimeLimit.none()));
        until(() -> sleeping() == 1);
        Claim.Claimed second = fixture.next(first);
        fixture.file("V1__long.sql", "create table a ()");
        assertEquals(
                new Ending.Completed(Optional.of("1")), fixture.attempt(second, TimeLimit.none()));
        assertEquals(new Ending.Superseded(), frozen.get(60, TimeUnit.SECONDS));
        assertEquals(ProcessState.COMPLETED, fixture.row(second).state());
        assertEquals(0, sleeping());
    }

    @Test
    void whatAnEarlierAttemptAppliedIsListedAlsoWhereThisOneRunsNothing() throws SQLException {
        fixture.file("V1__a.sql", "create table a ()");
        fixture.run(fixture.claimed());
        for (boolean canceled : new boolean[] {true, false}) {
            Claim.Claimed first = fixture.claimed();
            NextMigration begun = new NextMigration(Optional.of("1"), "a", "V1__a.sql");
            fixture.attempts().advance(first.attempt(), Settlement.APPLIED, Optional.of(begun));
            if (canceled) {
                fixture.askToStop(first.attempt().processId());
            } else {
                fixture.postgres.execute(
                        "postgres",
                        "update db_migrate.process set failures = 9 where id = '%s'"
                                .formatted(first.attempt().processId()));
            }
            Claim.Claimed last = fixture.next(first);
            fixture.attempt(last, TimeLimit.none());
            assertEquals(
                    canceled ? ProcessState.CANCELED : ProcessState.FAILED,
                    fixture.row(last).state());
            assertEquals(1, fixture.row(last).applied());
            assertEquals(Optional.of("1"), fixture.row(last).schemaNow());
        }
    }

    @Test
    void migrationThatOnlyBeganIsNotListedWhereNothingRuns() throws SQLException {
        fixture.file("V1__a.sql", "create table a ()");
        Claim.Claimed first = fixture.claimed();
        NextMigration begun = new NextMigration(Optional.of("1"), "a", "V1__a.sql");
        fixture.attempts().advance(first.attempt(), Settlement.APPLIED, Optional.of(begun));
        fixture.open().connection().close();
        fixture.askToStop(first.attempt().processId());
        Claim.Claimed last = fixture.next(first);
        assertEquals(new Ending.Canceled(), fixture.attempt(last, TimeLimit.none()));
        assertEquals(List.of(), fixture.row(last).migrations());
    }

    @Test
    void rowThatIsHeldForSecondsCostsAnAttemptAndNotTheProcess() throws Exception {
        fixture.file("V1__a.sql", "create table a (); select pg_sleep(1);");
        Claim.Claimed claimed = fixture.claimed();
        CompletableFuture<Ending> attempt = async(() -> fixture.attempt(claimed, TimeLimit.none()));
        until(() -> sleeping() == 1);
        try (Connection somebody = fixture.postgres.connect("postgres")) {
            somebody.setAutoCommit(false);
            somebody.createStatement()
                    .execute(
                            "select from db_migrate.process where id = '%s' for update"
                                    .formatted(claimed.attempt().processId()));
            // As long as one statement on the row waits, which is the last one of the run.
            until(() ->
                    fixture.postgres
                            .query(
                                    "postgres",
                                    "select count(*) from pg_stat_activity where datname = '%s' and application_name = 'db-migrate'"
                                            .formatted(fixture.database))
                            .equals(List.of("0")));
        }
        Ending ending = attempt.handle((given, failure) -> given).get(60, TimeUnit.SECONDS);
        assertTrue(!(ending instanceof Ending.Failed), String.valueOf(ending));
        assertEquals(ProcessState.RUNNING, fixture.row(claimed).state());
        assertEquals(
                new Ending.Completed(Optional.of("1")),
                fixture.attempt(fixture.next(claimed), TimeLimit.none()));
    }

    @Test
    void waitsForTheLockGrow() throws Exception {
        fixture.file("V1__a.sql", "create table a ()");
        try (Connection other = fixture.open().connection()) {
            new MigrationLock(other).takeAtOnce();
            Ending.GivenBack first = (Ending.GivenBack) MigrationLock.taken(0);
            Ending.GivenBack late = (Ending.GivenBack) MigrationLock.taken(99);
            assertTrue(first.pause().compareTo(Duration.ofSeconds(2)) < 0);
            assertTrue(late.pause().compareTo(Duration.ofSeconds(30)) >= 0);
            Claim.Claimed claimed = fixture.claimed();
            Ending ending = fixture.attempt(claimed, TimeLimit.none());
            assertTrue(
                    ending instanceof Ending.GivenBack(String _, Optional<?> f, Duration _)
                            && f.isEmpty());
        }
    }

    /** A limit that is up as soon as a statement sleeps. */
    private TimeLimit upWhileAStatementSleeps(Duration whole) {
        AtomicInteger remaining = new AtomicInteger(1_000_000);
        return new TimeLimit(
                () -> {
                    if (sleeping() > 0) {
                        remaining.set(0);
                    }
                    return remaining.get();
                },
                Duration.ofSeconds(60),
                whole);
    }

    private int sleeping() {
        return Integer.parseInt(
                fixture.postgres
                        .query("postgres", SLEEPING.formatted(fixture.database))
                        .getFirst());
    }

    private static <T> CompletableFuture<T> async(Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    try {
                        result.complete(work.call());
                    } catch (Exception e) {
                        result.completeExceptionally(e);
                    }
                });
        return result;
    }

    private static void until(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.call()) {
            assertTrue(System.nanoTime() < deadline, "the condition did not come true");
            Thread.sleep(20);
        }
    }
}
