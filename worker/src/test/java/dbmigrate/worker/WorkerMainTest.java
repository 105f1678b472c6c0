package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.process.Claim;
import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The worker outside Lambda. */
@Tag("database")
class WorkerMainTest {
    @TempDir Path migrations;

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
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
    void withoutAnArgumentItRecordsAProcessAndRunsIt() {
        fixture.file("V1__a.sql", "create table a ()");
        assertEquals(0, run());
        assertTrue(output().contains("COMPLETED"), output());
    }

    @Test
    void processThatAnotherAttemptGaveBackIsRunByItsId() throws SQLException {
        fixture.file("V1__a.sql", "create table a ()");
        UUID id = fixture.released();
        assertEquals(0, run(id.toString()));
        assertEquals(0, run(id.toString()), "an ended process is not run again");
    }

    @Test
    void whatAnEndedProcessAskedForIsRunAgain() throws SQLException {
        fixture.file("V1__a.sql", "create table a ()").file("V2__b.sql", "create table b ()");
        Claim.Claimed ended = fixture.claimed(fixture.request(Optional.of("1"), false, Map.of()));
        UUID id = ended.attempt().processId();
        fixture.attempts()
                .fail(ended.attempt(), Failure.of(FailureCode.OUT_OF_TIME, "for the test"));
        assertEquals(1, run(id.toString()), "it has ended, and FAILED");
        assertEquals(0, run("again", id.toString()));
        assertEquals(
                List.of("1"),
                fixture.postgres.query(
                        fixture.database, "select version from flyway_schema_history"));
        assertEquals(2, run("again", UUID.randomUUID().toString()));
    }

    @Test
    void failureIsAnExitCode() {
        fixture.file("V1__a.sql", "select * from missing");
        assertEquals(1, run());
    }

    @Test
    void whatCannotBeRunIsToldApart() {
        fixture.file("V1__a.sql", "select 1");
        assertEquals(2, run(UUID.randomUUID().toString()));
        assertEquals(2, run("no-uuid"));
        assertEquals(2, run("one", "two"));
        assertEquals(2, WorkerMain.run(new String[0], Map.of(), out()));
        assertTrue(output().contains("DATABASE_URL is missing"), output());
    }

    private int run(String... arguments) {
        Map<String, String> variables =
                Map.of(
                        "DATABASE_URL", fixture.postgres.url(fixture.database),
                        "STACK_NAME", "worker-tests",
                        "MIGRATIONS", migrations.toString());
        return WorkerMain.run(arguments, variables, out());
    }

    private PrintStream out() {
        return new PrintStream(output, true, StandardCharsets.UTF_8);
    }

    private String output() {
        return output.toString(StandardCharsets.UTF_8);
    }
}
