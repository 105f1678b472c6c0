package dbmigrate.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.process.Waits.Outcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("database")
class WaitsTest {
    private static final Instant BEGIN = Instant.parse("2026-11-26T11:00:00Z");
    private static final Instant ANSWER_BY = BEGIN.plusSeconds(28);
    private static final Duration LONG = Duration.ofSeconds(5);

    /** It is over before the row would be looked at. */
    private static final Duration ONE_PAUSE = Duration.ofMillis(200);

    private final RowsFixture rows = new RowsFixture();
    private final List<Long> pauses = new ArrayList<>();
    private MigrationProcess process;
    private Instant now = BEGIN;

    @BeforeEach
    void record() throws SQLException {
        process = rows.read(rows.queued());
    }

    @AfterEach
    void close() throws SQLException {
        rows.close();
    }

    /** What happens while time passes. */
    @FunctionalInterface
    interface Meanwhile {
        void happens() throws SQLException;
    }

    @Test
    void rowIsLookedAtFourTimesASecondUntilTheTimeIsOver() {
        Outcome outcome = wait(rows.processes.rows(), 1, Duration.ofMillis(1100), () -> {});
        assertEquals(new Outcome.Waited(process), outcome);
        assertEquals(List.of(250L, 500L, 750L, 1000L, 1100L), pauses);
    }

    @Test
    void waitEndsWithTheProcess() {
        Outcome outcome =
                wait(
                        rows.processes.rows(),
                        1,
                        LONG,
                        () -> {
                            if (pauses.size() == 3) {
                                rows.attempts.complete(
                                        rows.claimed(process.id()).attempt(), Optional.of("7"));
                            }
                        });
        MigrationProcess ended = assertInstanceOf(Outcome.Waited.class, outcome).process();
        assertEquals(ProcessState.COMPLETED, ended.state());
        assertEquals(Optional.of("7"), ended.schemaNow());
        assertEquals(List.of(250L, 500L, 750L), pauses);
    }

    @Test
    void cancellationIsAnEndToo() {
        Outcome outcome =
                wait(rows.processes.rows(), 1, LONG, () -> rows.cancel(process.id(), "somebody"));
        assertEquals(
                ProcessState.CANCELED,
                assertInstanceOf(Outcome.Waited.class, outcome).process().state());
    }

    @Test
    void processThatIsGoneIsAnsweredAsItWasKnown() {
        Outcome outcome =
                wait(
                        rows.processes.rows(),
                        1,
                        LONG,
                        () ->
                                rows.postgres.execute(
                                        rows.maintenance, "delete from db_migrate.process"));
        assertEquals(new Outcome.Waited(process), outcome);
        assertEquals(1, pauses.size());
    }

    @Test
    void oneSlotIsHeldWhileSomebodyWaits() {
        List<Integer> held = new ArrayList<>();
        wait(rows.processes.rows(), 5, Duration.ofMillis(400), () -> held.add(slotsHeld()));
        assertEquals(List.of(1, 1), held);
        assertEquals(0, slotsHeld());
    }

    @Test
    void whoComesWhenAllSlotsAreTakenDoesNotWait() throws SQLException {
        Map<String, Outcome> outcomes = new HashMap<>();
        try (ProcessConnection second = opened();
                ProcessConnection third = opened()) {
            Meanwhile thirdComes = () -> outcomes.put("third", wait(third, 2, LONG, () -> {}));
            Meanwhile secondComes =
                    () -> outcomes.put("second", wait(second, 2, ONE_PAUSE, thirdComes));
            outcomes.put("first", wait(rows.processes.rows(), 2, ONE_PAUSE, secondComes));
            assertEquals(
                    Map.of(
                            "first", new Outcome.Waited(process),
                            "second", new Outcome.Waited(process),
                            "third", new Outcome.NoRoom()),
                    outcomes);
            assertInstanceOf(Outcome.Waited.class, wait(third, 1, ONE_PAUSE, () -> {}));
        }
    }

    @Test
    void nobodyWaitsWhereThereAreNoSlots() {
        assertEquals(new Outcome.NoRoom(), wait(rows.processes.rows(), 0, LONG, () -> {}));
        assertEquals(List.of(), pauses);
    }

    @Test
    void slotsOfAnotherStackAreOthers() throws SQLException {
        try (ProcessConnection other = opened()) {
            List<Outcome> others = new ArrayList<>();
            Waits waits = new Waits(other, "another-stack", 1, clock(), time -> now = time);
            wait(
                    rows.processes.rows(),
                    1,
                    ONE_PAUSE,
                    () -> others.add(waits.forEnd(process, now.plus(ONE_PAUSE), ANSWER_BY)));
            assertEquals(List.of(new Outcome.Waited(process)), others);
        }
    }

    @Test
    void waitEndsWithItsSessionAndFreesTheSlot() throws SQLException {
        Outcome outcome = wait(rows.processes.rows(), 1, LONG, this::endSessions);
        assertInstanceOf(Outcome.Lost.class, outcome);
        assertEquals(1, pauses.size());
        assertEquals(0, slotsHeld());
        assertEquals(process, rows.read(process.id()));
        assertInstanceOf(Outcome.Waited.class, wait(rows.processes.rows(), 1, ONE_PAUSE, () -> {}));
    }

    /** As {@link ProcessConnection} does it when other work finds the session dead. */
    @Test
    void sessionThatTookThePlaceOfTheWaitersIsNoneOfItsBusiness() throws SQLException {
        Outcome outcome =
                wait(
                        rows.processes.rows(),
                        1,
                        LONG,
                        () -> {
                            endSessions();
                            rows.read(process.id());
                        });
        assertInstanceOf(Outcome.Lost.class, outcome);
        assertEquals(0, slotsHeld());
    }

    @Test
    void waitOpensNoSession() throws SQLException {
        try (ProcessConnection none = new ProcessConnection(rows.server)) {
            assertInstanceOf(Outcome.Lost.class, wait(none, 1, LONG, () -> {}));
            assertEquals(List.of(), pauses);
        }
    }

    /** Otherwise the lock's own time-out, 4 s, would end it. */
    @Test
    void serverThatDoesNotAnswerIsNotWaitedForLongerThanTheAnswerMayTake() throws SQLException {
        try (Connection blocker = rows.postgres.connect(rows.maintenance);
                Statement statement = blocker.createStatement()) {
            blocker.setAutoCommit(false);
            Waits waits =
                    new Waits(
                            rows.processes.rows(),
                            RowsFixture.STACK,
                            1,
                            clock(),
                            time -> {
                                now = time;
                                execute(statement, "lock table db_migrate.process");
                            });
            Outcome outcome = waits.forEnd(process, now.plus(LONG), now.plusMillis(700));
            Exception cause = assertInstanceOf(Outcome.Lost.class, outcome).cause();
            assertEquals("08006", assertInstanceOf(SQLException.class, cause).getSQLState());
            blocker.rollback();
        }
        assertEquals(process, rows.read(process.id()));
    }

    @Test
    void realPauseLastsUntilItsTime() throws InterruptedException {
        Clock clock = Clock.systemUTC();
        Instant time = clock.instant().plusMillis(20);
        Pause.of(clock).until(time);
        assertFalse(clock.instant().isBefore(time));
        Pause.of(clock).until(Instant.EPOCH);
        assertTrue(clock.instant().isAfter(time));
    }

    private Outcome wait(ProcessConnection own, int slots, Duration atMost, Meanwhile meanwhile) {
        Waits waits =
                new Waits(
                        own,
                        RowsFixture.STACK,
                        slots,
                        clock(),
                        time -> {
                            pauses.add(Duration.between(BEGIN, time).toMillis());
                            now = time;
                            try {
                                meanwhile.happens();
                            } catch (SQLException e) {
                                throw new AssertionError(e);
                            }
                        });
        return waits.forEnd(process, now.plus(atMost), ANSWER_BY);
    }

    private Clock clock() {
        InstantSource source = () -> now;
        return source.withZone(ZoneOffset.UTC);
    }

    /** Another function's connection, as it stands after it has read something. */
    private ProcessConnection opened() throws SQLException {
        ProcessConnection own = new ProcessConnection(rows.server);
        assertTrue(new Processes(own, RowsFixture.STACK).find(process.id()).isPresent());
        return own;
    }

    private int slotsHeld() {
        String sql =
                """
                select count(*) from pg_locks
                where locktype = 'advisory' and objsubid = 2 and granted
                  and database = (select oid from pg_database where datname = '%s')
                """;
        String maintenance = rows.maintenance;
        return Integer.parseInt(
                rows.postgres.query(maintenance, sql.formatted(maintenance)).getFirst());
    }

    private void endSessions() {
        String sql =
                """
                select pg_terminate_backend(pid, 5000) from pg_stat_activity
                where datname = '%s' and pid <> pg_backend_pid()
                """;
        rows.postgres.execute("postgres", sql.formatted(rows.maintenance));
    }

    private static void execute(Statement statement, String sql) {
        try {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
