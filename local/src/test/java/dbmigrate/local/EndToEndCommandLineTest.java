package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.testing.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code bin/db-migrate} against the complete system, where nobody watches: in CI. */
@Tag("database")
class EndToEndCommandLineTest {
    private static final TestPostgres POSTGRES = TestPostgres.shared();

    @TempDir static Path folder;
    @TempDir static Path runs;
    private static RunningSystem system;

    private final CommandLine commandLine = CommandLine.ofTheSystem();
    private final MigrationFolder migrations = new MigrationFolder(folder);
    private final String database = RunningSystem.newDatabase();

    @BeforeAll
    static void start() {
        system = RunningSystem.start(folder, Map.of());
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    @BeforeEach
    void oneMigration() throws IOException {
        migrations.clear();
        migrations.with("V1__gate.sql", MigrationFolder.GATE);
    }

    static Stream<CommandLine> shells() {
        return CommandLine.installed();
    }

    private static String url() {
        return "http://127.0.0.1:" + system.port();
    }

    @ParameterizedTest
    @MethodSource("shells")
    void completedMigrationExitsWith0AndSaysEachMigrationOnALine(CommandLine shell)
            throws Exception {
        migrations.with("V2__more.sql", "create table more ();");
        var result = shell.run(runs, "--url", url(), "--database", database);
        assertEquals(0, result.exit(), result::toString);
        assertEquals("", result.err());
        assertLine(result, "V1__gate\\.sql  applied  [0-9.]+ m?s");
        assertLine(result, "V2__more\\.sql  applied  [0-9.]+ m?s");
        assertLine(result, ".*COMPLETED after .*: 2 migrations applied");
        assertFalse(result.out().contains("\u001b"), result::toString);
        assertEquals(List.of("V1__gate.sql", "V2__more.sql"), RunningSystem.history(database));
    }

    @Test
    void failedMigrationExitsWith1AndSaysWhereAndWhy() throws Exception {
        migrations.with("V2__bad.sql", "-- first\ninsert into acount values ('x');\n");
        var result = commandLine.run(runs, "--url", url(), "--database", database);
        assertEquals(1, result.exit(), result::toString);
        assertLine(result, ".*FAILED after .*: 1 migration applied, which stays");
        assertLine(result, "  OBJECT_MISSING: .*");
        assertLine(result, ".*relation \"acount\" does not exist.*");
        assertLine(result, "  at +V2__bad\\.sql:2(:[0-9]+)?");
        assertLine(result, "  SQLSTATE +42P01");
        assertLine(result, " +insert into acount values .*");
    }

    @Test
    void jsonIsTheProcessAndAllThatStandardOutputHolds() throws Exception {
        var result = commandLine.run(runs, "--json", "--url", url(), "--database", database);
        assertEquals(0, result.exit(), result::toString);
        assertEquals(1, result.out().lines().count(), result::toString);
        assertTrue(result.out().contains("\"state\":\"COMPLETED\""), result::toString);
        assertTrue(result.err().contains("V1__gate.sql  applied  "), result::toString);
    }

    @Test
    void serverThatCannotBeReachedExitsWith2() throws Exception {
        int nobody;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = socket.getLocalPort();
        }
        String nowhere = "http://127.0.0.1:" + nobody;
        var result = commandLine.run(runs, "--patience=0", "--url", nowhere);
        assertEquals(2, result.exit(), result::toString);
        assertTrue(
                result.err().contains(nowhere + " cannot be had: ")
                        && result.err().contains("check --url"),
                result::toString);
    }

    @Test
    void refusedRequestExitsWith2AndNamesTheMember() throws Exception {
        var result = commandLine.run(runs, "--url", url(), "--database", "somebody_elses");
        assertEquals(2, result.exit(), result::toString);
        assertTrue(result.err().contains(" 403 DATABASE_NOT_ALLOWED"), result::toString);
        assertTrue(result.err().contains("/database: "), result::toString);
        var wrong = commandLine.run(runs, "--url", url(), "--target", "so\"on\\\n");
        assertEquals(2, wrong.exit(), wrong::toString);
        assertTrue(wrong.err().contains(" 422 INVALID_REQUEST"), wrong::toString);
        assertTrue(wrong.err().contains("/target: "), wrong::toString);
    }

    @ParameterizedTest
    @MethodSource("shells")
    void interruptedRunAsksToCancelAndFollowsToTheEnd(CommandLine shell) throws Exception {
        migrations.with("V2__long.sql", MigrationFolder.WAITING);
        var run = shell.start(runs, "--url", url(), "--database", database);
        Eventually.holds("it runs", () -> run.out().contains("V2__long.sql  running"));
        run.process().destroy();
        var result = run.ended();
        assertEquals(1, result.exit(), result::toString);
        assertLine(result, "Asking the server to cancel: .*");
        assertLine(result, ".*CANCELED after .*: 1 migration applied, which stays");
        assertEquals(List.of("V1__gate.sql"), RunningSystem.history(database));
        try (var left = Files.list(run.folder().resolve("tmp"))) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void runWhoseTimeIsOverLeavesTheProcessRunning() throws Exception {
        migrations.with("V2__long.sql", MigrationFolder.WAITING);
        var result =
                commandLine.run(runs, "--timeout", "1", "--url", url(), "--database", database);
        assertEquals(2, result.exit(), result::toString);
        String id = result.err().replaceAll("(?s).* follow ([0-9a-f-]{36})\\s*", "$1");
        system.running(id, "V2__long.sql");
        POSTGRES.execute(database, MigrationFolder.OPEN_GATE);
        var followed = commandLine.run(runs, "--url", url(), "follow", id);
        assertEquals(0, followed.exit(), followed::toString);
        assertLine(followed, "V2__long\\.sql  applied  .*");
    }

    @ParameterizedTest
    @MethodSource("shells")
    void nameOfADatabaseMayHoldAnything(CommandLine shell) throws Exception {
        String name = database + " \"My\" $(App) `x` \\n '%s' & ;";
        var result = shell.run(runs, "--url", url(), "--database", name);
        assertEquals(0, result.exit(), result::toString);
        assertTrue(result.out().contains("database " + name), result::toString);
        assertEquals(List.of("V1__gate.sql"), RunningSystem.history(name));
    }

    @Test
    void sameIdempotencyKeyFindsTheSameProcess() throws Exception {
        String first = started("release-1");
        assertEquals(first, started("release-1"));
        var other =
                commandLine.run(
                        runs,
                        "--url",
                        url(),
                        "--idempotency-key",
                        "release-1",
                        "--database",
                        RunningSystem.newDatabase());
        assertEquals(2, other.exit(), other::toString);
        assertTrue(other.err().contains("IDEMPOTENCY_KEY_REUSED"), other::toString);
        system.completed(first);
    }

    private String started(String key) throws Exception {
        var result =
                commandLine.run(
                        runs,
                        "--no-follow",
                        "--url",
                        url(),
                        "--idempotency-key",
                        key,
                        "--database",
                        database);
        assertEquals(0, result.exit(), result::toString);
        return result.out().strip();
    }

    private static void assertLine(CommandLine.Result result, String pattern) {
        assertTrue(result.out().lines().anyMatch(line -> line.matches(pattern)), result::toString);
    }
}
