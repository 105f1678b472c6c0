package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code bin/db-migrate} where something is in the way: of the migration, of an answer, of it. */
@Tag("database")
class EndToEndCommandLineTroubleTest {
    private static final TestPostgres POSTGRES = TestPostgres.shared();

    @TempDir static Path folder;
    @TempDir static Path runs;
    private static TcpProxy databaseNetwork;
    private static RunningSystem system;

    private final CommandLine commandLine = CommandLine.ofTheSystem();
    private final MigrationFolder migrations = new MigrationFolder(folder);
    private final String database = RunningSystem.newDatabase();

    @BeforeAll
    static void start() throws IOException {
        databaseNetwork = new TcpProxy();
        databaseNetwork.to(POSTGRES.host(), POSTGRES.port());
        String url = POSTGRES.url(POSTGRES.newName("e2e_own"));
        String server = "@%s:%d/".formatted(POSTGRES.host(), POSTGRES.port());
        system =
                RunningSystem.start(
                        url.replace(server, "@127.0.0.1:%d/".formatted(databaseNetwork.port())),
                        folder,
                        Map.of("LOCK_TIMEOUT", "1s"));
    }

    @AfterAll
    static void stop() throws IOException {
        system.close();
        databaseNetwork.close();
    }

    @BeforeEach
    void oneMigration() throws IOException {
        migrations.clear();
        migrations.with("V1__gate.sql", MigrationFolder.GATE);
    }

    @AfterEach
    void heal() throws IOException {
        databaseNetwork.heal();
    }

    static Stream<CommandLine> shells() {
        return CommandLine.installed();
    }

    @ParameterizedTest
    @MethodSource("shells")
    void everyLockThatAnAttemptDidNotGetIsSaidOnce(CommandLine shell) throws Exception {
        system.completed(system.accepted(database));
        migrations.with("V2__column.sql", "alter table gate add column since int");
        String missed =
                "attempt 1, after [0-9.]+ s: a lock was not to be had in time;"
                        + " it was rolled back and tried again, LOCK_TIMEOUT: .*";
        CommandLine.Run run;
        try (Connection application = POSTGRES.connect(database);
                Statement statement = application.createStatement()) {
            application.setAutoCommit(false);
            statement.execute("lock table gate");
            run = shell.start(runs, "--url", url(), "--database", database);
            Eventually.holds("two locks were missed", () -> lines(run.out(), missed).size() >= 2);
        }
        var result = run.ended();
        assertEquals(0, result.exit(), result::toString);
        var said = lines(result.out(), "attempt .*");
        assertEquals(lines(result.out(), missed), said, result::toString);
        assertEquals(said.stream().distinct().toList(), said, result::toString);
    }

    @Test
    void whoOnlyLooksIsToldSoonThatTheServerCannotBeHad() throws Exception {
        String id = system.accepted(database);
        system.completed(id);
        databaseNetwork.refuse();
        var looks = new ArrayList<CommandLine.Run>();
        looks.add(commandLine.start(runs, "--url", url(), "status", id));
        looks.add(commandLine.start(runs, "--url", url(), "events", id));
        looks.add(commandLine.start(runs, "--url", url(), "list"));
        var follows = commandLine.start(runs, "--url", url(), "follow", id);
        for (var look : looks) {
            var result = look.ended();
            assertEquals(2, result.exit(), result::toString);
            assertTrue(result.err().contains(" 503 DATABASE_UNAVAILABLE"), result::toString);
            assertTrue(result.err().contains("--patience asks for longer"), result::toString);
        }
        assertTrue(follows.process().isAlive());
        databaseNetwork.heal();
        assertEquals(0, follows.ended().exit());
    }

    @Test
    void whoLeavesBeforeTheCancellationIsAnsweredIsToldThatItMayHaveHappened() throws Exception {
        migrations.with("V2__long.sql", MigrationFolder.WAITING);
        var run = commandLine.start(runs, "--url", url(), "--database", database);
        Eventually.holds("it runs", () -> run.out().contains("V2__long.sql  running"));
        String id = lines(run.out(), "process .*").getFirst().substring("process ".length());
        try (Connection rows = POSTGRES.connect("postgres");
                Statement statement = rows.createStatement()) {
            rows.setAutoCommit(false);
            statement.execute(
                    "select from db_migrate.process where id = '%s' for update".formatted(id));
            run.process().destroy();
            String unanswered =
                    """
                    select count(*) > 0 from pg_stat_activity
                    where wait_event_type = 'Lock' and query like '%set cancel_requested_at%'
                    """;
            Eventually.holds(
                    "the cancellation waits",
                    () -> POSTGRES.query("postgres", unanswered).equals(List.of("t")));
            run.process().destroy();
            var result = run.ended();
            assertEquals(143, result.exit(), result::toString);
            assertTrue(
                    result.err().contains("process " + id + " may have been cancelled"),
                    result::toString);
            assertTrue(result.err().contains(" status " + id), result::toString);
            assertFalse(result.err().contains("goes on"), result::toString);
        }
        assertEquals("CANCELED", system.ended(id).required("state").asText());
    }

    @ParameterizedTest
    @MethodSource("shells")
    void outputThatCannotBeWrittenExitsWith2(CommandLine shell) throws Exception {
        String id = system.accepted(database);
        system.completed(id);
        var full = shell.writingTo("/dev/full");
        for (String[] arguments :
                List.of(
                        new String[] {"--json", "status", id},
                        new String[] {"--json", "follow", id},
                        new String[] {"--json", "events", id},
                        new String[] {"--json", "list"},
                        new String[] {"--json", "--database", database},
                        new String[] {"--no-follow", "--database", database},
                        new String[] {"status", id},
                        new String[] {"follow", id},
                        new String[] {"list"})) {
            var result = full.run(runs, with(arguments));
            assertEquals(2, result.exit(), result::toString);
            assertTrue(
                    result.err().contains("db-migrate: standard output could not be written"),
                    result::toString);
        }
        var followed = full.run(runs, with("--json", "follow", id));
        assertTrue(followed.err().contains("process " + id + " is COMPLETED"), followed::toString);
        var closed = shell.writingTo("&-").run(runs, with("--json", "status", id));
        assertEquals(2, closed.exit(), closed::toString);
        assertTrue(
                closed.err().contains("db-migrate: standard output is closed"), closed::toString);
    }

    @ParameterizedTest
    @MethodSource("shells")
    void jobWhoseOutputNobodyReadsLeavesNothingBehindAndHasItsOutputs(CommandLine shell)
            throws Exception {
        Path output = Files.createTempFile(runs, "output", "");
        Path summary = Files.createTempFile(runs, "summary", "");
        var run =
                shell.readBy("head -n 1")
                        .start(
                                runs,
                                Map.of(
                                        "GITHUB_OUTPUT", output.toString(),
                                        "GITHUB_STEP_SUMMARY", summary.toString()),
                                with("--github", "--database", database));
        var result = run.ended();
        assertTrue(result.out().matches("::stop-commands::[0-9a-f]{32}\n"), result::toString);
        try (var left = Files.list(run.folder().resolve("tmp"))) {
            assertEquals(List.of(), left.toList());
        }
        String outputs = Files.readString(output);
        assertTrue(
                outputs.matches("process-id=[0-9a-f-]{36}\nstate=[A-Z]+\nschema-version=.*\n"),
                outputs);
        String id = outputs.replaceAll("(?s)process-id=(\\S+).*", "$1");
        assertTrue(Files.readString(summary).startsWith("### migrate of "), result::toString);
        assertTrue(
                result.err().contains("standard output could not be written")
                        && result.err().contains(id),
                result::toString);
        system.completed(id);
    }

    @Test
    void serverThatCouldNotWaitOnceIsAskedToWaitAgain() throws Exception {
        migrations.with("V2__long.sql", MigrationFolder.WAITING);
        var run = commandLine.start(runs, "--url", url(), "--database", database);
        Eventually.holds("it runs", () -> run.out().contains("V2__long.sql  running"));
        Eventually.holds("a wait is cut off", EndToEndCommandLineTroubleTest::cutOffWait);
        Eventually.holds("it waits again", () -> !system.waiters().isEmpty());
        POSTGRES.execute(database, MigrationFolder.OPEN_GATE);
        assertEquals(0, run.ended().exit());
    }

    /** Ends the session of whoever waits, and returns whether there was one. */
    private static boolean cutOffWait() {
        return system.waiters().stream()
                .anyMatch(pid ->
                        POSTGRES.query(
                                        "postgres",
                                        "select pg_terminate_backend(%s, 5000)".formatted(pid))
                                .equals(List.of("t")));
    }

    private static String url() {
        return "http://127.0.0.1:" + system.port();
    }

    private static String[] with(String... arguments) {
        return Stream.concat(Stream.of("--url", url()), Stream.of(arguments))
                .toArray(String[]::new);
    }

    private static List<String> lines(String text, String pattern) {
        return text.lines().filter(line -> line.matches(pattern)).toList();
    }
}
