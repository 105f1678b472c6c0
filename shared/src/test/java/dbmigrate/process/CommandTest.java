package dbmigrate.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("database")
class CommandTest {
    private static final String RESULT = "{\"z\":1,\"a\":\"…\"}";

    private final RowsFixture rows = new RowsFixture();

    @AfterEach
    void close() throws SQLException {
        rows.close();
    }

    @ParameterizedTest
    @EnumSource(names = "UNKNOWN", mode = EnumSource.Mode.EXCLUDE)
    void claimGivesTheCommandAndItsMembersAsTheyWereAskedFor(Command command) throws SQLException {
        MigrationRequest request = request(command, Optional.of("2"), Optional.of("by hand"));
        Claim.Claimed claimed = rows.claimed(queued(request));
        assertEquals(request, claimed.request());
        assertEquals(Optional.of(request), rows.processes.request(claimed.attempt().processId()));
    }

    @Test
    void commandOfANewerFunctionIsNoneOfOurs() throws SQLException {
        UUID id = rows.queued();
        rows.postgres.execute(rows.maintenance, "update db_migrate.process set command = 'later'");
        Claim.Claimed claimed = rows.claimed(id);
        assertEquals(Command.UNKNOWN, claimed.request().command());
        assertEquals("later", claimed.command());
        assertEquals(
                Optional.of(Command.UNKNOWN),
                rows.processes.request(id).map(MigrationRequest::command));
    }

    @Test
    void answerEndsTheProcessAndKeepsItsResultAsItWasWritten() throws SQLException {
        UUID id = queued(request(Command.INFO, Optional.empty(), Optional.empty()));
        Attempt attempt = rows.claimed(id).attempt();
        assertTrue(answer(Optional.empty()).write(rows.attempts.rows(), attempt).isPresent());
        MigrationProcess process = rows.processes.find(id).orElseThrow();
        assertEquals(ProcessState.COMPLETED, process.state());
        assertEquals(Optional.of(RESULT), process.result());
        assertEquals(Optional.of("7"), process.schemaNow());
        assertEquals("info", process.command());
    }

    @Test
    void answerWithAFailureMakesTheProcessFailed() throws SQLException {
        UUID id = rows.queued();
        Attempt attempt = rows.claimed(id).attempt();
        Failure failure = Failure.of(FailureCode.VALIDATION_FAILED, "one");
        assertTrue(answer(Optional.of(failure)).write(rows.attempts.rows(), attempt).isPresent());
        MigrationProcess process = rows.processes.find(id).orElseThrow();
        assertEquals(ProcessState.FAILED, process.state());
        assertEquals(Optional.of(failure), process.error());
        assertEquals(Optional.of(RESULT), process.result());
    }

    @Test
    void answerOfASupersededAttemptIsNotWritten() throws SQLException {
        UUID id = rows.queued();
        Attempt first = rows.claimed(id).attempt();
        rows.attempts.release(first, "for the test", Optional.empty());
        rows.claimed(id);
        assertEquals(Optional.empty(), answer(Optional.empty()).write(rows.attempts.rows(), first));
        assertEquals(Optional.empty(), rows.processes.find(id).orElseThrow().result());
    }

    /** A key that an older router has kept must find its process behind a deployment. */
    @Test
    void fingerprintOfAMigrationIsThatOfOlderRouters() {
        assertEquals(
                "be31088148722898d4ccee293e080ea4b65f662a03679417fb322e334b9620a4",
                rows.newProcess(Optional.empty()).request().fingerprint());
    }

    @Test
    void fingerprintsOfOtherRequestsDiffer() {
        MigrationRequest none = request(Command.BASELINE, Optional.empty(), Optional.empty());
        MigrationRequest two = request(Command.BASELINE, Optional.of("2"), Optional.empty());
        MigrationRequest text = request(Command.BASELINE, Optional.empty(), Optional.of("2"));
        MigrationRequest repair = request(Command.REPAIR, Optional.empty(), Optional.empty());
        MigrationRequest info = request(Command.INFO, Optional.empty(), Optional.empty());
        assertEquals(
                5,
                java.util.stream.Stream.of(none, two, text, repair, info)
                        .map(MigrationRequest::fingerprint)
                        .distinct()
                        .count());
        assertNotEquals(
                request(Command.REHEARSE, Optional.empty(), Optional.empty()).fingerprint(),
                request(Command.REHEARSE_COPY, Optional.empty(), Optional.empty()).fingerprint());
        assertNotEquals(Command.of("INFO"), Command.INFO);
    }

    private UUID queued(MigrationRequest request) throws SQLException {
        NewProcess process =
                new NewProcess(
                        UUID.randomUUID(), request, Identity.of("anybody"), Optional.empty());
        rows.processes.record(process, () -> {});
        return process.id();
    }

    private static MigrationRequest request(
            Command command, Optional<String> version, Optional<String> description) {
        return new MigrationRequest(
                command,
                "app",
                Optional.empty(),
                false,
                Map.of(),
                version,
                description,
                Optional.empty());
    }

    private static Answer answer(Optional<Failure> failure) {
        return new Answer(Optional.of("7"), RESULT, failure);
    }
}
