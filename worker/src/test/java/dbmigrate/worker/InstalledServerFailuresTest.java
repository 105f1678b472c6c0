package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dbmigrate.process.Claim;
import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import dbmigrate.testing.InstalledPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The errors of docs/operations.md that take a server of their own, stopped, demoted or on a full
 * disk: Debian's PostgreSQL 15, and root, who may mount the disk.
 */
@Tag("installed")
@Timeout(180)
class InstalledServerFailuresTest {
    @TempDir Path migrations;

    private InstalledPostgres server;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        boolean runs = InstalledPostgres.isInstalled() && InstalledPostgres.isRoot();
        String reason =
                "InstalledServerFailuresTest is left out: it needs root and Debian's postgresql-15; .ci/run has both";
        if (!runs) {
            System.out.println(reason);
        }
        assumeTrue(runs, reason);
        server = InstalledPostgres.start();
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void fullDisk() throws SQLException, IOException, InterruptedException {
        Path disk = server.make("disk");
        asRoot("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk.toString());
        asRoot("chown", "postgres", disk.toString());
        try (RunFixture fixture =
                new RunFixture(migrations, name -> server.url(server.port(), name))) {
            try (Connection connection = server.connect("postgres")) {
                connection
                        .createStatement()
                        .execute("create tablespace small location '%s'".formatted(disk));
            }
            fixture.file(
                    "V1__it.sql",
                    """
                    create table big (a text) tablespace small;
                    insert into big
                      select 'hunter2' || i from generate_series(1, 1000000) i;
                    """);
            Claim.Claimed claimed = fixture.claimed();
            fixture.attempt(claimed, TimeLimit.none());
            Failure failure = fixture.row(claimed).error().orElseThrow();
            assertKind(FailureCode.DISK_FULL, "53100", failure);
            assertEquals(Optional.of("V1__it.sql"), failure.script());
            assertEquals(Optional.of(2), failure.line());
            assertEquals(Optional.of(1), failure.column());
            assertEquals(Optional.of("Check free disk space."), failure.hint());
        } finally {
            server.stopImmediately();
            asRoot("umount", disk.toString());
        }
    }

    @Test
    void standbyThatTakesNoSessions() throws SQLException, IOException, InterruptedException {
        server.run("pg_ctl", "--pgdata=" + server.data(), "--mode=fast", "--wait", "stop");
        Files.createFile(server.data().resolve("standby.signal"));
        server.startAgain("hot_standby=off");
        Failure failure = failureOfLogin();
        assertKind(FailureCode.SERVER_STARTING, "57P03", failure);
        assertTrue(failure.detail().contains("not accepting connections"), failure.detail());
    }

    @Test
    void serverThatShutsDown() throws SQLException, IOException, InterruptedException {
        try (Connection _ = server.connect("postgres")) {
            server.run("pg_ctl", "--pgdata=" + server.data(), "--mode=smart", "--no-wait", "stop");
            while (takesSessions()) {
                Thread.onSpinWait();
            }
            assertKind(FailureCode.SERVER_SHUTTING_DOWN, "57P03", failureOfLogin());
        }
    }

    private boolean takesSessions() {
        try (Connection _ = server.connect("postgres")) {
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    /** The rows are on a server that is well. */
    private Failure failureOfLogin() throws SQLException {
        try (RunFixture fixture = new RunFixture(migrations)) {
            Claim.Claimed claimed = fixture.claimed();
            fixture.server(server.url(server.port(), "app"), "postgres");
            Exception exception = assertThrows(Exception.class, () -> fixture.run(claimed));
            return new Failures(fixture.settings, "app", new Masking(Map.of())).of(exception);
        }
    }

    private static void asRoot(String... command) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
    }

    private static void assertKind(FailureCode code, String sqlState, Failure failure) {
        assertEquals(code, failure.code(), failure::toString);
        assertEquals(Optional.of(sqlState), failure.sqlState());
        assertFalse(failure.action().isBlank());
        assertFalse(failure.toString().contains("hunter2"), failure.toString());
    }
}
