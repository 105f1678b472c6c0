package dbmigrate.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the database notes by itself when a process changes. */
@Tag("database")
class AuditTrailTest {
    private static final String REQUESTED = "REQUESTED QUEUED 0 by anybody";
    private static final String STARTED = "ATTEMPT_STARTED RUNNING 1";

    private final RowsFixture rows = new RowsFixture();
    private final AuditTrail trail = new AuditTrail(rows.processes.rows(), RowsFixture.STACK);

    @AfterEach
    void close() throws SQLException {
        rows.close();
    }

    @Test
    void requestIsNotedWithWhoAsked() throws SQLException {
        UUID id = rows.queued();
        assertEquals(List.of(REQUESTED), events(id));
        Instant at = trail.of(id, RowsFixture.ANYTHING).orElseThrow().getFirst().at();
        assertFalse(at.isBefore(rows.read(id).requestedAt()));
    }

    @Test
    void requestThatIsRolledBackIsNotNoted() throws SQLException {
        rows.queued();
        assertThrows(
                IllegalStateException.class,
                () ->
                        rows.processes.record(
                                rows.newProcess(Optional.empty()),
                                () -> {
                                    throw new IllegalStateException("the queue is down");
                                }));
        assertEquals(
                List.of("1"),
                rows.postgres.query(rows.maintenance, "select count(*) from db_migrate.event"));
    }

    @Test
    void completedProcessHasABeginningAndAnEnd() throws SQLException {
        UUID id = rows.queued();
        Attempt attempt = rows.claimed(id).attempt();
        rows.attempts.complete(attempt, Optional.of("4"));
        assertEquals(List.of(REQUESTED, STARTED, "COMPLETED COMPLETED 1"), events(id));
    }

    @Test
    void progressAndHeartbeatsAreNotNoted() throws SQLException {
        UUID id = rows.queued();
        Attempt attempt = rows.claimed(id).attempt();
        rows.attempts.renew(attempt, Optional.empty());
        rows.attempts.opened(attempt, new Backend(1, Instant.EPOCH.atOffset(ZoneOffset.UTC)));
        rows.attempts.databaseCreated(attempt);
        rows.attempts.planned(attempt, Optional.empty(), 1);
        rows.attempts.advance(
                attempt,
                Settlement.APPLIED,
                Optional.of(new NextMigration(Optional.of("1"), "one", "V1__one.sql")));
        rows.attempts.retries(
                attempt, "no lock", Failure.of(FailureCode.LOCK_TIMEOUT, "not in time"));
        rows.attempts.forgetCurrent(attempt);
        rows.attempts.renew(attempt, Optional.empty());
        assertEquals(List.of(REQUESTED, STARTED), events(id));
    }

    @Test
    void failureIsNotedByItsCode() throws SQLException {
        UUID id = rows.queued();
        rows.attempts.fail(
                rows.claimed(id).attempt(), Failure.of(FailureCode.SQL_FAILED, "a detail"));
        assertEquals(List.of(REQUESTED, STARTED, "FAILED FAILED 1: SQL_FAILED"), events(id));
    }

    @Test
    void attemptWhoseLeaseRanOutHasDied() throws SQLException {
        UUID id = rows.queued();
        rows.claimed(id);
        rows.age(id, "21 s");
        rows.claimed(id);
        assertEquals(
                List.of(
                        REQUESTED,
                        STARTED,
                        "ATTEMPT_DIED RUNNING 1: its lease ran out",
                        "ATTEMPT_STARTED RUNNING 2"),
                events(id));
    }

    @Test
    void processThatIsGivenBackSaysWhy() throws SQLException {
        UUID id = rows.queued();
        Failure refused = Failure.of(FailureCode.DATABASE_UNAVAILABLE, "refused");
        rows.attempts.release(rows.claimed(id).attempt(), "may pass", Optional.of(refused));
        rows.attempts.release(rows.claimed(id).attempt(), "it waits its turn", Optional.empty());
        rows.attempts.release(rows.claimed(id).attempt(), "it waits its turn", Optional.empty());
        assertEquals(
                List.of(
                        REQUESTED,
                        STARTED,
                        "GIVEN_BACK RUNNING 1: may pass: DATABASE_UNAVAILABLE",
                        "ATTEMPT_STARTED RUNNING 2",
                        "GIVEN_BACK RUNNING 2: it waits its turn",
                        "ATTEMPT_STARTED RUNNING 3",
                        "GIVEN_BACK RUNNING 3: it waits its turn"),
                events(id));
    }

    @Test
    void messageThatIsSentAgainIsNoted() throws SQLException {
        UUID id = rows.queued();
        rows.age(id, "61 s");
        rows.processes.sendAgain(id, time -> {});
        rows.processes.sendAgain(id, time -> {});
        assertEquals(
                List.of(REQUESTED, "SENT_AGAIN QUEUED 0: the process was silent for a minute"),
                events(id));
    }

    @Test
    void cancellationAtOnceIsTwoEventsOfOneCaller() throws SQLException {
        UUID id = rows.queued();
        rows.cancel(id, "somebody");
        rows.cancel(id, "somebody else");
        assertEquals(
                List.of(
                        REQUESTED,
                        "CANCEL_REQUESTED QUEUED 0 by somebody",
                        "CANCELED CANCELED 0 by somebody"),
                events(id));
    }

    @Test
    void cancellationByTheWorkerNamesWhoAskedFirst() throws SQLException {
        UUID id = rows.queued();
        Attempt attempt = rows.claimed(id).attempt();
        rows.cancel(id, "somebody");
        rows.cancel(id, "somebody else");
        rows.attempts.renew(attempt, Optional.empty());
        rows.attempts.cancel(attempt, Optional.empty());
        assertEquals(
                List.of(
                        REQUESTED,
                        STARTED,
                        "CANCEL_REQUESTED RUNNING 1 by somebody",
                        "CANCELED CANCELED 1 by somebody"),
                events(id));
    }

    @Test
    void processThatTheQueueGaveUpFailsWithItsCause() throws SQLException {
        UUID id = rows.queued();
        new Abandoned(rows.claims.rows(), RowsFixture.STACK)
                .fail(id, Failure.of(FailureCode.DEAD_LETTER, "given up"));
        assertEquals(List.of(REQUESTED, "FAILED FAILED 0: DEAD_LETTER"), events(id));
    }

    @Test
    void nothingIsNotedBehindAnEnd() throws SQLException {
        UUID id = rows.queued();
        Attempt attempt = rows.claimed(id).attempt();
        rows.attempts.complete(attempt, Optional.empty());
        List<String> ended = events(id);
        rows.age(id, "1 h");
        rows.cancel(id, "somebody");
        rows.processes.sendAgain(id, time -> {});
        rows.claims.claim(id);
        rows.attempts.renew(attempt, Optional.empty());
        rows.attempts.release(attempt, "too late", Optional.empty());
        rows.attempts.fail(attempt, Failure.of(FailureCode.SQL_FAILED, "too late"));
        assertEquals(ended, events(id));
    }

    @Test
    void processFromBeforeTheTrailHasNone() throws SQLException {
        UUID id = rows.queued();
        rows.postgres.execute(rows.maintenance, "delete from db_migrate.event");
        assertEquals(Optional.of(List.of()), trail.of(id, RowsFixture.ANYTHING));
    }

    @Test
    void processesOfOthersAreUnknown() throws SQLException {
        UUID id = rows.queued();
        assertEquals(Optional.empty(), trail.of(UUID.randomUUID(), RowsFixture.ANYTHING));
        assertEquals(
                Optional.empty(),
                new AuditTrail(rows.processes.rows(), "another-stack")
                        .of(id, RowsFixture.ANYTHING));
    }

    /** Each event as: what, the state, the attempt, by whom, why. */
    private List<String> events(UUID id) throws SQLException {
        return trail.of(id, RowsFixture.ANYTHING).orElseThrow().stream()
                .map(event ->
                        "%s %s %d%s%s"
                                .formatted(
                                        event.event(),
                                        event.state(),
                                        event.attempt(),
                                        event.identity().map(who -> " by " + who).orElse(""),
                                        event.cause().map(why -> ": " + why).orElse("")))
                .toList();
    }
}
