package dbmigrate.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.process.MigrationProcess.EndedAttempt;
import dbmigrate.process.MigrationProcess.SettledMigration;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("database")
class AttemptsTest {
    private static final NextMigration V1 =
            new NextMigration(Optional.of("1"), "init", "V1__init.sql");
    private static final NextMigration V2 =
            new NextMigration(Optional.of("2"), "index", "V2__index.sql");

    private static final Activity ACTIVITY =
            new Activity(
                    Optional.of("create index on \"O'Neil\" (a)"),
                    Optional.of(Instant.parse("2026-11-26T03:04:05.678Z")),
                    Optional.of("building index: scanning table"),
                    Optional.of(43),
                    Optional.of(new Activity.Amount(0, Optional.empty())),
                    Optional.of(new Activity.Amount(43_000_000_000L, Optional.of(1L << 40))),
                    Optional.of(
                            new Activity.LockWait(
                                    "ShareLock",
                                    Optional.of("public.\"O'Neil\""),
                                    Optional.empty(),
                                    List.of(
                                            new Activity.Blocker(
                                                    71,
                                                    Optional.of("app"),
                                                    Optional.of("idle in transaction"),
                                                    Optional.of(
                                                            Instant.parse(
                                                                    "2026-11-26T03:00:00.001Z")),
                                                    Optional.of("select '…'")),
                                            new Activity.Blocker(
                                                    72,
                                                    Optional.empty(),
                                                    Optional.empty(),
                                                    Optional.empty(),
                                                    Optional.empty())))));

    private final RowsFixture rows = new RowsFixture();

    @AfterEach
    void close() throws SQLException {
        rows.close();
    }

    @Test
    void claimGivesTheRequestAsItWasMade() throws SQLException {
        Claim.Claimed claimed = rows.claimed(rows.queued());
        assertEquals(
                new MigrationRequest(
                        "app", Optional.of("4"), true, Map.of("env", "test"), Optional.of("ci")),
                claimed.request());
        assertEquals(1, claimed.attempt().number());
        assertEquals(0, claimed.failures());
    }

    @Test
    void processIsClaimedByOneOfMany() throws Exception {
        UUID id = rows.queued();
        try (ExecutorService workers = Executors.newFixedThreadPool(12)) {
            List<Future<Claim>> claims = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                claims.add(
                        workers.submit(() -> {
                            try (ProcessConnection own = new ProcessConnection(rows.server)) {
                                return new Claims(own, RowsFixture.STACK).claim(id);
                            }
                        }));
            }
            int claimed = 0;
            for (Future<Claim> claim : claims) {
                claimed += claim.get() instanceof Claim.Claimed ? 1 : 0;
            }
            assertEquals(1, claimed);
        }
    }

    @Test
    void liveLeaseHoldsTheProcess() throws SQLException {
        UUID id = rows.queued();
        rows.claimed(id);
        Claim.Held held = (Claim.Held) rows.claims.claim(id);
        assertTrue(held.remaining().compareTo(Attempts.LEASE) <= 0);
        assertTrue(held.remaining().compareTo(Duration.ofSeconds(1)) >= 0);
    }

    @Test
    void unknownProcessIsMissing() throws SQLException {
        assertEquals(new Claim.Missing(), rows.claims.claim(UUID.randomUUID()));
    }

    @Test
    void endedProcessIsFinished() throws SQLException {
        UUID id = rows.queued();
        rows.attempts.complete(rows.claimed(id).attempt(), Optional.of("2"));
        assertEquals(new Claim.Finished(ProcessState.COMPLETED), rows.claims.claim(id));
    }

    @Test
    void attemptWhoseLeaseRanOutCountsAsDied() throws SQLException {
        UUID id = rows.queued();
        rows.claimed(id);
        rows.age(id, "21 s");
        Claim.Claimed second = rows.claimed(id);
        assertEquals(2, second.attempt().number());
        assertEquals(1, second.failures());
        EndedAttempt died = rows.read(id).attempts().getFirst();
        assertEquals(1, died.attempt());
        assertEquals("its lease ran out: the worker died or lost the server", died.reason());
    }

    @Test
    void supersededAttemptWritesNothing() throws SQLException {
        UUID id = rows.queued();
        Attempt old = rows.claimed(id).attempt();
        rows.age(id, "21 s");
        rows.claimed(id);
        MigrationProcess before = rows.read(id);
        assertEquals(Pulse.LOST, rows.attempts.renew(old, Optional.empty()).pulse());
        assertFalse(rows.attempts.databaseCreated(old));
        assertFalse(rows.attempts.planned(old, Optional.of("9"), 9));
        assertFalse(rows.attempts.advance(old, Settlement.APPLIED, Optional.of(V1)));
        assertFalse(rows.attempts.forgetCurrent(old));
        assertEquals(Optional.empty(), rows.attempts.complete(old, Optional.of("9")));
        assertEquals(Optional.empty(), rows.attempts.cancel(old, Optional.empty()));
        assertFalse(rows.attempts.opened(old, new Backend(1, OffsetDateTime.now())));
        assertFalse(rows.unsettled.begin(old, unsettled("V9__x.sql", Set.of("\"s\".\"i\""))));
        assertEquals(
                Optional.empty(),
                rows.attempts.fail(old, Failure.of(FailureCode.INTERNAL_ERROR, "too late")));
        assertFalse(rows.attempts.release(old, "too late", Optional.empty()));
        assertEquals(before, rows.read(id));
    }

    @Test
    void terminalStateNeverChanges() throws SQLException {
        UUID id = rows.queued();
        Attempt attempt = rows.claimed(id).attempt();
        rows.attempts.complete(attempt, Optional.of("2"));
        MigrationProcess ended = rows.read(id);
        assertEquals(
                Optional.empty(),
                rows.attempts.fail(attempt, Failure.of(FailureCode.INTERNAL_ERROR, "too late")));
        assertFalse(rows.attempts.release(attempt, "too late", Optional.empty()));
        assertEquals(Pulse.LOST, rows.attempts.renew(attempt, Optional.empty()).pulse());
        assertEquals(ended, rows.read(id));
    }

    @Test
    void processHasRunSinceItsFirstAttemptBegan() throws SQLException {
        UUID id = rows.queued();
        Attempt first = rows.claimed(id).attempt();
        rows.postgres.execute(
                rows.maintenance,
                "update db_migrate.process set started_at = started_at - interval '2 h' where id = '%s'"
                        .formatted(id));
        Duration running = rows.attempts.renew(first, Optional.empty()).running();
        assertTrue(running.compareTo(Duration.ofHours(2)) >= 0, running::toString);
        rows.age(id, "21 s");
        Renewal later = rows.attempts.renew(rows.claimed(id).attempt(), Optional.empty());
        assertTrue(later.running().compareTo(running) > 0, later::toString);
        assertEquals(Renewal.LOST, rows.attempts.renew(first, Optional.empty()));
    }

    @Test
    void heartbeatNotesWhatTheMigrationDoes() throws SQLException {
        UUID id = rows.queued();
        Attempt attempt = rows.claimed(id).attempt();
        rows.attempts.renew(attempt, seen("1 s"));
        assertEquals(Optional.empty(), rows.read(id).current());
        rows.attempts.advance(attempt, Settlement.APPLIED, Optional.of(V1));
        assertEquals(Optional.empty(), activity(id));
        rows.attempts.renew(attempt, seen("1 s"));
        assertEquals(Optional.of(ACTIVITY), activity(id));
        rows.attempts.renew(attempt, Optional.empty());
        assertEquals(Optional.empty(), activity(id), "what was seen before is no news");
    }

    @Test
    void activityThatWasSeenBeforeTheMigrationBeganIsNotItsOwn() throws SQLException {
        UUID id = rows.queued();
        Attempt attempt = rows.claimed(id).attempt();
        rows.attempts.advance(attempt, Settlement.APPLIED, Optional.of(V1));
        rows.attempts.renew(attempt, seen("1 s"));
        rows.attempts.advance(attempt, Settlement.APPLIED, Optional.of(V2));
        assertEquals(Optional.empty(), activity(id));
        rows.attempts.renew(attempt, seen("-1 s"));
        assertEquals(Optional.empty(), activity(id));
    }

    @Test
    void processThatNobodyWorksOnDoesNothing() throws SQLException {
        UUID id = rows.queued();
        Attempt first = rows.claimed(id).attempt();
        rows.attempts.advance(first, Settlement.APPLIED, Optional.of(V1));
        rows.attempts.renew(first, seen("1 s"));
        rows.attempts.release(first, "room", Optional.empty());
        assertEquals(Optional.empty(), activity(id));
        Attempt second = rows.claimed(id).attempt();
        rows.attempts.renew(second, seen("1 s"));
        assertEquals(Optional.of(ACTIVITY), activity(id));
        rows.age(id, "21 s");
        rows.claimed(id);
        assertEquals(Optional.empty(), activity(id));
    }

    /** What was seen so long after this moment, by the server's clock. */
    private Optional<Observation> seen(String later) {
        String at =
                rows.postgres
                        .query(
                                rows.maintenance,
                                "select to_json(clock_timestamp() + interval '%s') #>> '{}'"
                                        .formatted(later))
                        .getFirst();
        return Optional.of(new Observation(ACTIVITY, OffsetDateTime.parse(at)));
    }

    private Optional<Activity> activity(UUID id) throws SQLException {
        return rows.read(id).current().orElseThrow().activity();
    }

    @Test
    void rowFollowsTheMigrations() throws SQLException {
        UUID id = rows.queued();
        Attempt attempt = rows.claimed(id).attempt();
        rows.attempts.planned(attempt, Optional.empty(), 2);
        rows.attempts.advance(attempt, Settlement.APPLIED, Optional.of(V1));
        assertEquals("V1__init.sql", rows.read(id).current().orElseThrow().script());
        assertEquals(0, rows.read(id).applied());

        rows.attempts.advance(attempt, Settlement.APPLIED, Optional.of(V2));
        assertEquals(1, rows.read(id).applied());
        assertEquals(Optional.of("1"), rows.read(id).schemaNow());

        rows.attempts.advance(attempt, Settlement.FAILED, Optional.empty());
        MigrationProcess after = rows.read(id);
        assertEquals(Optional.empty(), after.current());
        assertEquals(
                List.of("applied", "failed"),
                after.migrations().stream().map(SettledMigration::state).toList());
        assertEquals(Optional.of("1"), after.schemaNow());
        assertEquals(Optional.of(2), after.total());
    }

    @Test
    void stepThatIsWrittenTwiceCountsOnce() throws SQLException {
        UUID id = rows.queued();
        Attempt attempt = rows.claimed(id).attempt();
        rows.attempts.advance(attempt, Settlement.APPLIED, Optional.of(V1));
        rows.attempts.advance(attempt, Settlement.APPLIED, Optional.of(V2));
        assertTrue(rows.attempts.advance(attempt, Settlement.APPLIED, Optional.of(V2)));
        assertEquals(1, rows.read(id).applied());
        assertEquals("V2__index.sql", rows.read(id).current().orElseThrow().script());
    }

    @Test
    void secondAttemptKeepsWhatTheFirstFoundAndDid() throws SQLException {
        UUID id = rows.queued();
        Attempt first = rows.claimed(id).attempt();
        rows.attempts.planned(first, Optional.empty(), 2);
        rows.attempts.advance(first, Settlement.APPLIED, Optional.of(V1));
        rows.attempts.advance(first, Settlement.APPLIED, Optional.of(V2));
        rows.age(id, "21 s");
        Claim.Claimed second = rows.claimed(id);
        assertEquals(Optional.of("V2__index.sql"), second.unsettled());
        rows.attempts.forgetCurrent(second.attempt());
        rows.attempts.planned(second.attempt(), Optional.of("1"), 1);
        MigrationProcess process = rows.read(id);
        assertEquals(Optional.empty(), process.schemaBefore());
        assertEquals(Optional.of(2), process.total());
        assertEquals(1, process.applied());
    }

    @Test
    void releasedProcessIsClaimedAtOnceAndItsFailureCounts() throws SQLException {
        UUID id = rows.queued();
        Failure failure = Failure.of(FailureCode.DATABASE_UNAVAILABLE, "refused");
        rows.attempts.release(rows.claimed(id).attempt(), "may pass", Optional.of(failure));
        Claim.Claimed second = rows.claimed(id);
        assertEquals(1, second.failures());
        assertEquals(Optional.of(failure), second.lastFailure());
        assertEquals(Optional.of(failure), rows.read(id).attempts().getFirst().error());
    }

    @Test
    void waitingForLongStandsInTheRowAsOneAttempt() throws SQLException {
        UUID id = rows.queued();
        for (int i = 0; i < 3; i++) {
            assertTrue(
                    rows.attempts.release(rows.claimed(id).attempt(), "waits", Optional.empty()));
        }
        assertEquals(1, rows.read(id).attempts().size());
        assertEquals(0, rows.claimed(id).failures());
    }

    @Test
    void failureIsReadAsItWasWritten() throws SQLException {
        UUID id = rows.queued();
        Failure failure =
                new Failure(
                        FailureCode.SQL_FAILED,
                        FailureCode.SQL_FAILED.title(),
                        "relation \"x\" does not exist",
                        Optional.of("42P01"),
                        Optional.of("V1__init.sql"),
                        Optional.of(3),
                        Optional.of(5),
                        Optional.of(15),
                        Optional.of("select * from x"),
                        Optional.of("x_key"),
                        Optional.of("look for y"),
                        "do this");
        rows.attempts.fail(rows.claimed(id).attempt(), failure);
        assertEquals(Optional.of(failure), rows.read(id).error());
        assertEquals(ProcessState.FAILED, rows.read(id).state());
    }

    @Test
    void failureThatAnOlderFunctionWroteIsReadWithTheActionOfItsCode() throws SQLException {
        UUID id = rows.queued();
        Failure failure = Failure.of(FailureCode.SQL_FAILED, "of old");
        rows.attempts.fail(rows.claimed(id).attempt(), failure);
        rows.postgres.execute(
                rows.maintenance,
                "update db_migrate.process set error = error - '{column,position,constraint,action}'::text[] where id = '%s'"
                        .formatted(id));
        assertEquals(Optional.of(failure), rows.read(id).error());
    }

    @Test
    void sessionOfADeadAttemptIsHandedToTheNext() throws SQLException {
        UUID id = rows.queued();
        Backend backend = new Backend(4711, OffsetDateTime.parse("2026-01-02T03:04:05.123456Z"));
        rows.attempts.opened(rows.claimed(id).attempt(), backend);
        rows.age(id, "21 s");
        Backend left = rows.claimed(id).left().orElseThrow();
        assertEquals(backend.pid(), left.pid());
        assertTrue(backend.start().isEqual(left.start()));
    }

    @Test
    void sessionOfAnAttemptThatClosedItIsForgotten() throws SQLException {
        UUID id = rows.queued();
        Attempt attempt = rows.claimed(id).attempt();
        rows.attempts.opened(attempt, new Backend(4711, OffsetDateTime.now()));
        rows.attempts.release(attempt, "waits", Optional.empty());
        assertEquals(Optional.empty(), rows.claimed(id).left());
    }

    @Test
    void whatStoodBeforeAMigrationIsReadAsItWasNoted() throws SQLException {
        Attempt attempt = rows.claimed(rows.queued()).attempt();
        UnsettledMigration noted = unsettled("V3__x.sql", Set.of("\"s\".\"a,b\"", "\"s\".\"c\""));
        rows.unsettled.begin(attempt, noted);
        assertEquals(Map.of("V3__x.sql", noted), rows.unsettled.read());
        rows.unsettled.remained("V3__x.sql", Set.of(4711L));
        assertEquals(Optional.of(Set.of(4711L)), noted("V3__x.sql").remained());
        rows.unsettled.settled("V3__x.sql");
        assertEquals(Map.of(), rows.unsettled.read());
    }

    @Test
    void whatStoodBeforeTheFirstTryStaysNoted() throws SQLException {
        Attempt attempt = rows.claimed(rows.queued()).attempt();
        rows.unsettled.begin(attempt, unsettled("V3__x.sql", Set.of("a")));
        rows.unsettled.remained("V3__x.sql", Set.of(1L));
        rows.unsettled.begin(attempt, unsettled("V3__x.sql", Set.of("b")));
        UnsettledMigration merged = noted("V3__x.sql");
        assertEquals(Set.of("a", "b"), merged.standing());
        assertEquals(Optional.empty(), merged.remained());
    }

    @Test
    void anotherHistoryOfTheSameDatabaseHasNotesOfItsOwn() throws SQLException {
        Attempt attempt = rows.claimed(rows.queued()).attempt();
        rows.unsettled.begin(attempt, unsettled("V3__x.sql", Set.of("a")));
        ProcessConnection connection = rows.attempts.rows();
        assertEquals(Map.of(), new UnsettledMigrations(connection, "app", "other").read());
        assertEquals(
                Map.of(),
                new UnsettledMigrations(connection, "other", rows.unsettled.history()).read());
    }

    private UnsettledMigration noted(String script) throws SQLException {
        return Optional.ofNullable(rows.unsettled.read().get(script)).orElseThrow();
    }

    private static UnsettledMigration unsettled(String script, Set<String> standing) {
        return new UnsettledMigration(
                script,
                Optional.of(-17),
                true,
                standing,
                Set.of("\"s\".\"gone\""),
                standing,
                Set.of(5_000_000_000L),
                Optional.empty());
    }
}
