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
import java.nio.file.attribute.PosixFilePermissions;
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
        system = RunningSystem.start(folder, Map.of("ALLOWED_PLACEHOLDERS", "first,second,third"));
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

    @ParameterizedTest
    @MethodSource("shells")
    void nothingBehindTwoHyphensIsAnOption(CommandLine shell) throws Exception {
        var taken =
                shell.run(
                        runs, "--url", url(), "--", "follow", "--url=http://127.0.0.1:1", "--json");
        assertEquals(2, taken.exit(), taken::toString);
        assertTrue(taken.err().contains("there is one argument too many: --json"), taken::toString);
        var id = shell.run(runs, "--url", url(), "--", "follow", "--url=http://127.0.0.1:1");
        assertEquals(2, id.exit(), id::toString);
        assertTrue(id.err().contains("UUID, unlike --url=http://127.0.0.1:1"), id::toString);
        var command = shell.run(runs, "--url", url(), "--", "--version");
        assertEquals(2, command.exit(), command::toString);
        assertTrue(command.err().contains("no command --version"), command::toString);
        assertEquals(0, shell.run(runs, "--url", url(), "--", "list").exit());
    }

    @ParameterizedTest
    @MethodSource("shells")
    void placeholdersOfTheEnvironmentAreInNoArgument(CommandLine shell) throws Exception {
        migrations.with("V2__names.sql", "create table ${first}_${second}_${third} ();");
        Path seen = Files.createTempFile(runs, "arguments", "");
        String awk = shell.tools().getOrDefault("awk", "/usr/bin/awk");
        Path telling =
                Files.writeString(
                        Files.createTempFile(runs, "awk-that-tells", ""),
                        "#!/bin/sh\nprintf '%%s\\n' \"$@\" >> '%s'\nexec %s \"$@\"\n"
                                .formatted(seen, awk.endsWith("busybox") ? awk + " awk" : awk));
        Files.setPosixFilePermissions(telling, PosixFilePermissions.fromString("rwxr-xr-x"));
        var result =
                shell.with("awk", telling)
                        .run(
                                runs,
                                Map.of(
                                        "DB_MIGRATE_PLACEHOLDERS",
                                        "first=hidden1\n\nsecond=hidden2\n"),
                                "--url",
                                url(),
                                "--database",
                                database,
                                "--placeholder=third=shown");
        assertEquals(0, result.exit(), result::toString);
        assertEquals(
                List.of("t"),
                POSTGRES.query(
                        database, "select to_regclass('hidden1_hidden2_shown') is not null"));
        String arguments = Files.readString(seen);
        assertTrue(arguments.contains("json_read"), arguments);
        assertFalse(arguments.contains("hidden"), arguments);
    }

    @ParameterizedTest
    @MethodSource("shells")
    void placeholderWithoutANameIsFoundByItsLineAndNotPrinted(CommandLine shell) throws Exception {
        var result =
                shell.run(
                        runs,
                        Map.of("DB_MIGRATE_PLACEHOLDERS", "first=x\n\nhidden"),
                        "--url",
                        url());
        assertEquals(2, result.exit(), result::toString);
        assertTrue(
                result.err().contains("DB_MIGRATE_PLACEHOLDERS holds NAME=VALUE")
                        && result.err().contains("line 3"),
                result::toString);
        var option = shell.run(runs, "--url", url(), "--placeholder", "hidden");
        assertEquals(2, option.exit(), option::toString);
        assertTrue(option.err().contains("--placeholder is NAME=VALUE"), option::toString);
        assertFalse((result.err() + option.err()).contains("hidden"), option::toString);
    }

    /** A runner reads two outputs in no order: the guard would be of no use to the other one. */
    @ParameterizedTest
    @MethodSource("shells")
    void jobIsToldEverythingOnOneOutputAndBehindTheGuard(CommandLine shell) throws Exception {
        var result =
                shell.run(
                        runs,
                        "--timeout",
                        "1\n::add-mask::x ##[add-mask]y",
                        "--url",
                        url(),
                        "--github");
        assertEquals(2, result.exit(), result::toString);
        assertEquals("", result.err());
        String said = "--timeout is a whole number of seconds, not 1 ::add-mask::x ##[add-mask]y";
        var lines = result.out().lines().toList();
        assertEquals(4, lines.size(), result::toString);
        assertTrue(lines.getFirst().matches("::stop-commands::[0-9a-f]{32}"), result::toString);
        assertEquals("db-migrate: " + said, lines.get(1));
        assertEquals(lines.getFirst().replace("stop-commands::", "") + "::", lines.get(2));
        assertEquals("::error title=db-migrate::" + said, lines.get(3));
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
