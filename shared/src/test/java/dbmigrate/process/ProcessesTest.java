package dbmigrate.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.process.Processes.Cancellation;
import dbmigrate.process.Processes.Recording;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("database")
class ProcessesTest {
    private final RowsFixture rows = new RowsFixture();

    @AfterEach
    void close() throws SQLException {
        rows.close();
    }

    @Test
    void recordedProcessIsReadAsItWasAnswered() throws SQLException {
        Recording.Recorded recorded =
                (Recording.Recorded)
                        rows.processes.record(rows.newProcess(Optional.empty()), () -> {});
        assertEquals(recorded.process(), rows.read(recorded.process().id()));
        assertEquals(ProcessState.QUEUED, recorded.process().state());
    }

    @Test
    void timesAreTheDatabasesWhateverTheSessionsTimeZoneIs() throws SQLException {
        Instant requestedAt = rows.read(rows.queued()).requestedAt();
        String elapsed = "select extract(epoch from clock_timestamp()) * 1000";
        double now = Double.parseDouble(rows.postgres.query(rows.maintenance, elapsed).getFirst());
        assertTrue(Math.abs(now - requestedAt.toEpochMilli()) < 60_000, requestedAt.toString());
    }

    @Test
    void failedSendingLeavesNothing() throws SQLException {
        NewProcess process = rows.newProcess(Optional.of("key"));
        assertThrows(
                IllegalStateException.class,
                () ->
                        rows.processes.record(
                                process,
                                () -> {
                                    throw new IllegalStateException("the queue is down");
                                }));
        assertEquals(Optional.empty(), rows.processes.find(process.id()));
        assertInstanceOf(
                Recording.Recorded.class,
                rows.processes.record(rows.newProcess(Optional.of("key")), () -> {}));
    }

    @Test
    void messageIsSentBeforeTheRowCanBeSeen() throws SQLException {
        NewProcess process = rows.newProcess(Optional.empty());
        rows.processes.record(
                process,
                () ->
                        assertEquals(
                                List.of("0"),
                                rows.postgres.query(
                                        rows.maintenance,
                                        "select count(*) from db_migrate.process")));
    }

    @Test
    void sameKeyStandsForTheSameProcess() throws SQLException {
        Recording first = rows.processes.record(rows.newProcess(Optional.of("key")), () -> {});
        AtomicInteger sent = new AtomicInteger();
        Recording second =
                rows.processes.record(rows.newProcess(Optional.of("key")), sent::incrementAndGet);
        assertEquals(
                ((Recording.Recorded) first).process(), ((Recording.KnownKey) second).process());
        assertEquals(0, sent.get());
    }

    @Test
    void keyOfAnotherIdentityIsAnotherKey() throws SQLException {
        rows.processes.record(rows.newProcess("app", "one", Optional.of("key")), () -> {});
        assertInstanceOf(
                Recording.Recorded.class,
                rows.processes.record(
                        rows.newProcess("app", "another", Optional.of("key")), () -> {}));
    }

    /** A CI system that tries again assumes the role anew, in a session of another name. */
    @Test
    void keyIsTheRolesAndTheIdentityTheSessions() throws SQLException {
        Identity first = new Identity("role/session-1", "role");
        Identity second = new Identity("role/session-2", "role");
        Recording recorded = rows.processes.record(withKey(first), () -> {});
        Recording known = rows.processes.record(withKey(second), () -> {});
        assertEquals(
                ((Recording.Recorded) recorded).process(), ((Recording.KnownKey) known).process());
        assertEquals(
                List.of("role/session-1"),
                rows.postgres.query(rows.maintenance, "select identity from db_migrate.process"));
        assertInstanceOf(
                Recording.Recorded.class,
                rows.processes.record(withKey(new Identity("role2/session-1", "role2")), () -> {}));
    }

    /** It knows no role's keys; while it is being replaced its keys are those of its sessions. */
    @Test
    void keyThatAnOlderFunctionRecordedStandsForTheSameIdentity() throws SQLException {
        Identity session = new Identity("role/session-1", "role");
        Recording recorded = rows.processes.record(withKey(session), () -> {});
        rows.postgres.execute(rows.maintenance, "update db_migrate.process set key_scope = null");
        Recording known = rows.processes.record(withKey(session), () -> {});
        assertEquals(
                ((Recording.Recorded) recorded).process(), ((Recording.KnownKey) known).process());
        Recording another =
                rows.processes.record(withKey(new Identity("role/session-2", "role")), () -> {});
        assertInstanceOf(Recording.Recorded.class, another);
        // Two rows fit by now; the first is meant, as it was before.
        Recording again = rows.processes.record(withKey(session), () -> {});
        assertEquals(
                ((Recording.Recorded) recorded).process(), ((Recording.KnownKey) again).process());
    }

    @Test
    void sameKeyAtOnceMakesOneProcess() throws Exception {
        AtomicInteger sent = new AtomicInteger();
        try (ExecutorService functions = Executors.newFixedThreadPool(50)) {
            List<Future<UUID>> ids = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                ids.add(functions.submit(() -> recordWithKey(sent)));
            }
            UUID only = ids.getFirst().get();
            for (Future<UUID> id : ids) {
                assertEquals(only, id.get());
            }
        }
        assertEquals(1, sent.get());
    }

    private NewProcess withKey(Identity identity) {
        NewProcess process = rows.newProcess(Optional.of("key"));
        return new NewProcess(process.id(), process.request(), identity, Optional.of("key"));
    }

    private UUID recordWithKey(AtomicInteger sent) throws SQLException {
        try (ProcessConnection own = new ProcessConnection(rows.server)) {
            Recording recording =
                    new Processes(own, RowsFixture.STACK)
                            .record(rows.newProcess(Optional.of("key")), sent::incrementAndGet);
            return switch (recording) {
                case Recording.Recorded(MigrationProcess process) -> process.id();
                case Recording.KnownKey(MigrationProcess process) -> process.id();
                case Recording.KeyBusy() -> throw new AssertionError("the first took too long");
            };
        }
    }

    @Test
    void nextOfThoseWhoWaitForAKeyRecordsWhereTheFirstIsRolledBack() throws Exception {
        rows.queued();
        AtomicInteger sent = new AtomicInteger();
        List<Future<UUID>> others = new ArrayList<>();
        try (ExecutorService functions = Executors.newFixedThreadPool(10)) {
            assertThrows(
                    IllegalStateException.class,
                    () ->
                            rows.processes.record(
                                    rows.newProcess(Optional.of("key")),
                                    () -> {
                                        for (int i = 0; i < 10; i++) {
                                            others.add(functions.submit(() -> recordWithKey(sent)));
                                        }
                                        awaitWaiting(10);
                                        throw new IllegalStateException("the queue is down");
                                    }));
            UUID only = others.getFirst().get();
            for (Future<UUID> other : others) {
                assertEquals(only, other.get());
            }
        }
        assertEquals(1, sent.get());
    }

    @Test
    void whoWaitsTooLongForAKeyIsToldSoAndLeavesNothing() throws Exception {
        NewProcess first = rows.newProcess(Optional.of("key"));
        NewProcess second = rows.newProcess(Optional.of("key"));
        AtomicInteger sent = new AtomicInteger();
        try (ProcessConnection own = new ProcessConnection(rows.server)) {
            Processes other = new Processes(own, RowsFixture.STACK);
            List<Recording> others = new ArrayList<>();
            rows.processes.record(
                    first, () -> others.add(recorded(other, second, sent::incrementAndGet)));
            assertEquals(List.of(new Recording.KeyBusy()), others);
            assertEquals(0, sent.get());
            assertEquals(
                    new Recording.KnownKey(rows.read(first.id())),
                    other.record(second, sent::incrementAndGet));
        }
    }

    private static Recording recorded(Processes processes, NewProcess process, Runnable send) {
        try {
            return processes.record(process, send);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** Until so many sessions wait for another's transaction to end. */
    private void awaitWaiting(int sessions) {
        String sql =
                """
                select count(*) from pg_stat_activity
                where datname = '%s' and wait_event_type = 'Lock'
                """
                        .formatted(rows.maintenance);
        Instant end = Instant.now().plusSeconds(30);
        while (!rows.postgres.query("postgres", sql).equals(List.of(String.valueOf(sessions)))) {
            assertTrue(Instant.now().isBefore(end), "they do not wait");
        }
    }

    @Test
    void connectionThatDiedIsReplaced() throws SQLException {
        UUID id = rows.queued();
        rows.postgres.execute(
                rows.maintenance,
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = '%s' and pid <> pg_backend_pid()"
                        .formatted(rows.maintenance));
        assertTrue(rows.processes.find(id).isPresent());
    }

    @Test
    void commitWhoseAnswerIsLostIsNotCalledAFailure() throws SQLException {
        rows.queued();
        String kill =
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = '%s' and pid <> pg_backend_pid()";
        assertThrows(
                CommitUnknownException.class,
                () ->
                        rows.processes.record(
                                rows.newProcess(Optional.empty()),
                                () ->
                                        rows.postgres.execute(
                                                "postgres", kill.formatted(rows.maintenance))));
    }

    @Test
    void rowsOfAnotherStackAreInvisible() throws SQLException {
        UUID id = rows.queued();
        assertEquals(
                Optional.empty(), new Processes(rows.processes.rows(), "another-stack").find(id));
    }

    @Test
    void silentProcessIsSentAgainOnce() throws SQLException {
        UUID id = rows.queued();
        List<Integer> times = new ArrayList<>();
        assertFalse(rows.processes.sendAgain(id, times::add));
        rows.age(id, "61 s");
        assertTrue(rows.read(id).stale());
        assertTrue(rows.processes.sendAgain(id, times::add));
        assertFalse(rows.processes.sendAgain(id, times::add));
        assertFalse(rows.read(id).stale());
        assertEquals(List.of(2), times);
    }

    @Test
    void processThatWaitsItsTurnIsNotSentAgain() throws SQLException {
        UUID waiting = rows.queued();
        rows.claimed(rows.queued());
        rows.age(waiting, "61 s");
        assertFalse(rows.processes.sendAgain(waiting, time -> {}));
    }

    @Test
    void endedProcessIsNotSentAgain() throws SQLException {
        UUID id = rows.queued();
        rows.attempts.complete(rows.claimed(id).attempt(), Optional.empty());
        rows.age(id, Duration.ofHours(1).toString());
        assertFalse(rows.processes.sendAgain(id, time -> {}));
    }

    @Test
    void queuedProcessIsCanceledAtOnce() throws SQLException {
        UUID id = rows.queued();
        assertInstanceOf(Cancellation.Asked.class, rows.cancel(id, "somebody"));
        assertEquals(ProcessState.CANCELED, rows.read(id).state());
        assertTrue(rows.read(id).finishedAt().isPresent());
        assertEquals(new Claim.Finished(ProcessState.CANCELED), rows.claims.claim(id));
    }

    @Test
    void firstWhoAskedToCancelIsKept() throws SQLException {
        UUID id = rows.queued();
        rows.claimed(id);
        rows.cancel(id, "first");
        rows.cancel(id, "second");
        assertEquals(
                List.of("first"),
                rows.postgres.query(
                        rows.maintenance, "select cancel_requested_by from db_migrate.process"));
    }

    @Test
    void runningProcessLearnsOfItsCancellationByTheHeartbeat() throws SQLException {
        UUID id = rows.queued();
        Attempt attempt = rows.claimed(id).attempt();
        assertEquals(Pulse.RENEWED, rows.attempts.renew(attempt, Optional.empty()).pulse());
        assertInstanceOf(Cancellation.Asked.class, rows.cancel(id, "somebody"));
        assertEquals(ProcessState.RUNNING, rows.read(id).state());
        assertEquals(
                Pulse.CANCEL_REQUESTED, rows.attempts.renew(attempt, Optional.empty()).pulse());
        assertTrue(rows.attempts.cancel(attempt, Optional.empty()).isPresent());
        assertEquals(ProcessState.CANCELED, rows.read(id).state());
    }

    @Test
    void cancellationOutlivesTheWorkerThatDidNotSeeIt() throws SQLException {
        UUID id = rows.queued();
        rows.claimed(id);
        rows.cancel(id, "somebody");
        rows.age(id, "21 s");
        assertTrue(rows.claimed(id).cancelRequested());
    }

    @Test
    void endedProcessIsNotCanceled() throws SQLException {
        UUID id = rows.queued();
        rows.attempts.complete(rows.claimed(id).attempt(), Optional.empty());
        assertInstanceOf(Cancellation.Ended.class, rows.cancel(id, "somebody"));
        assertEquals(ProcessState.COMPLETED, rows.read(id).state());
        assertEquals(new Cancellation.Unknown(), rows.cancel(UUID.randomUUID(), "somebody"));
    }

    @Test
    void abandonedProcessFailsOnceWithItsLastCause() throws SQLException {
        UUID id = rows.queued();
        Failure cause = Failure.of(FailureCode.DATABASE_UNAVAILABLE, "refused");
        Failure given = Failure.of(FailureCode.DEAD_LETTER, "given up");
        Abandoned abandoned = new Abandoned(rows.claims.rows(), RowsFixture.STACK);
        Attempt attempt = rows.claimed(id).attempt();
        assertEquals(new Abandoned.Outcome.AtWork(), abandoned.fail(id, given));
        rows.attempts.release(attempt, "may pass", Optional.of(cause));
        assertInstanceOf(Abandoned.Outcome.Failed.class, abandoned.fail(id, given));
        assertEquals(new Abandoned.Outcome.NothingToDo(), abandoned.fail(id, given));
        assertEquals(Optional.of(cause), rows.read(id).error());
        assertEquals(new Abandoned.Outcome.NothingToDo(), abandoned.fail(UUID.randomUUID(), given));
    }

    @Test
    void abandonedProcessWithoutACauseGetsOne() throws SQLException {
        UUID id = rows.queued();
        Failure given = Failure.of(FailureCode.DEAD_LETTER, "given up");
        new Abandoned(rows.claims.rows(), RowsFixture.STACK).fail(id, given);
        assertEquals(Optional.of(given), rows.read(id).error());
    }
}
