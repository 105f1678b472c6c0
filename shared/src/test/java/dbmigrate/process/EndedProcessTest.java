package dbmigrate.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dbmigrate.process.Processes.Cancellation;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("database")
class EndedProcessTest {
    private static final Failure FAILURE = Failure.of(FailureCode.INTERNAL_ERROR, "for the test");

    private final RowsFixture rows = new RowsFixture();

    @AfterEach
    void close() throws SQLException {
        rows.close();
    }

    @Test
    void endSaysWhatTheRowSays() throws SQLException {
        UUID id = rows.queued();
        rows.attempts.release(rows.claimed(id).attempt(), "may pass", Optional.of(FAILURE));
        Attempt attempt = rows.claimed(id).attempt();
        NextMigration next = new NextMigration(Optional.of("1"), "init", "V1__init.sql");
        rows.attempts.advance(attempt, Settlement.APPLIED, Optional.of(next));
        rows.attempts.advance(attempt, Settlement.APPLIED, Optional.empty());
        rows.postgres.execute(
                rows.maintenance,
                "update db_migrate.process set requested_at = started_at - interval '90 s'");
        EndedProcess ended = rows.attempts.complete(attempt, Optional.of("1")).orElseThrow();
        MigrationProcess row = rows.read(id);
        assertEquals(id, ended.id());
        assertEquals(ProcessState.COMPLETED, ended.state());
        assertEquals(Optional.of(Duration.ofSeconds(90)), ended.queued());
        assertEquals(1, ended.retries());
        assertEquals(1, ended.applied());
        Instant end = row.finishedAt().orElseThrow();
        assertIsToTheMillisecond(Duration.between(row.requestedAt(), end), ended.took());
        assertIsToTheMillisecond(
                Duration.between(row.startedAt().orElseThrow(), end), ended.ran().orElseThrow());
    }

    @Test
    void failedMigrationIsNotCountedAsApplied() throws SQLException {
        UUID id = rows.queued();
        Attempt attempt = rows.claimed(id).attempt();
        NextMigration next = new NextMigration(Optional.of("1"), "init", "V1__init.sql");
        rows.attempts.advance(attempt, Settlement.APPLIED, Optional.of(next));
        rows.attempts.advance(attempt, Settlement.FAILED, Optional.empty());
        EndedProcess ended = rows.attempts.fail(attempt, FAILURE).orElseThrow();
        assertEquals(ProcessState.FAILED, ended.state());
        assertEquals(0, ended.applied());
    }

    @Test
    void processIsEndedByOneStatementAlone() throws SQLException {
        UUID id = rows.queued();
        Attempt attempt = rows.claimed(id).attempt();
        assertEquals(
                ProcessState.CANCELED,
                rows.attempts.cancel(attempt, Optional.empty()).orElseThrow().state());
        assertEquals(Optional.empty(), rows.attempts.cancel(attempt, Optional.empty()));
        assertEquals(Optional.empty(), rows.attempts.complete(attempt, Optional.empty()));
        assertEquals(
                new Abandoned.Outcome.NothingToDo(),
                new Abandoned(rows.claims.rows(), RowsFixture.STACK).fail(id, FAILURE));
    }

    @Test
    void cancellationOfAQueuedProcessEndsItAndOfARunningOneDoesNot() throws SQLException {
        Cancellation.Asked queued = (Cancellation.Asked) rows.cancel(rows.queued(), "somebody");
        EndedProcess ended = queued.ended().orElseThrow();
        assertEquals(ProcessState.CANCELED, ended.state());
        assertEquals(Optional.empty(), ended.queued());
        assertEquals(Optional.empty(), ended.ran());
        UUID running = rows.queued();
        rows.claimed(running);
        Cancellation.Asked asked = (Cancellation.Asked) rows.cancel(running, "somebody");
        assertEquals(Optional.empty(), asked.ended());
    }

    /** PostgreSQL counts microseconds. */
    private static void assertIsToTheMillisecond(Duration exact, Duration told) {
        assertEquals(0, exact.minus(told).toMillis(), exact + " and " + told);
    }
}
