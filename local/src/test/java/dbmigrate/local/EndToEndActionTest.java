package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.testing.TestPostgres;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code action.yml}, whose steps are run as a runner runs them: inputs become variables, a script
 * goes to bash, and files take outputs and summary.
 */
@Tag("database")
class EndToEndActionTest {
    private static final TestPostgres POSTGRES = TestPostgres.shared();
    private static final Map<String, Object> ACTION =
            CloudFormationYaml.read(Main.home().resolve("action.yml"));
    private static final Pattern EXPRESSION = Pattern.compile("\\$\\{\\{ ([a-z.-]+) }}");

    @TempDir static Path folder;
    @TempDir Path job;
    private static TokenIssuer issuer;
    private static RunningSystem system;

    private final MigrationFolder migrations = new MigrationFolder(folder);
    private final String database = RunningSystem.newDatabase();
    private String repository = "example/app";

    /** What a step left. */
    private record Step(int exit, String log, Map<String, String> outputs, String summary) {
        /** An output; empty text where there is none, as an expression has it. */
        String output(String name) {
            return outputs.getOrDefault(name, "");
        }
    }

    @BeforeAll
    static void start() throws IOException {
        issuer = TokenIssuer.start();
        system =
                RunningSystem.start(
                        folder,
                        new ApiAuth.GithubOidc(issuer.url(), "the action's", Optional.empty()),
                        Map.of(
                                "GITHUB_REPOSITORY_IDS",
                                TokenIssuer.REPOSITORY_ID,
                                "GITHUB_REFS",
                                "refs/heads/main",
                                "ALLOWED_PLACEHOLDERS",
                                "first,second",
                                "PERMISSIONS",
                                "*: *, baseline"));
    }

    @AfterAll
    static void stop() {
        system.close();
        issuer.close();
    }

    @BeforeEach
    void oneMigration() throws IOException {
        migrations.clear();
        migrations.with("V1__gate.sql", MigrationFolder.GATE);
    }

    @Test
    void completedMigrationHasOutputsAndATableOfItsTimes() throws Exception {
        migrations.with("V2__a_b.sql", "create table more ();");
        var step = run(Map.of("database", database));
        assertEquals(0, step.exit(), step::toString);
        assertEquals("COMPLETED", step.output("state"), step::toString);
        assertEquals("2", step.output("schema-version"), step::toString);
        assertTrue(step.output("process-id").matches("[0-9a-f-]{36}"), step::toString);
        assertTrue(step.summary().contains("| migration | state | time |\n"), step::toString);
        assertTrue(
                Pattern.compile("\\| V2&#95;&#95;a&#95;b&#46;sql \\| applied \\| [0-9.]+ m?s \\|")
                        .matcher(step.summary())
                        .find(),
                step::toString);
        assertEquals(List.of("V1__gate.sql", "V2__a_b.sql"), RunningSystem.history(database));
    }

    @Test
    void failedMigrationIsMarkedAtItsScriptAndLine() throws Exception {
        migrations.with("V2__bad.sql", "-- first\ninsert into acount values ('x');\n");
        var step = run(Map.of("database", database, "migrations", "db/sql,old"));
        assertEquals(1, step.exit(), step::toString);
        assertEquals("FAILED", step.output("state"), step::toString);
        assertEquals("1", step.output("schema-version"), step::toString);
        String annotation = annotation(step);
        assertTrue(annotation.startsWith("::error title=OBJECT_MISSING%3A "), annotation);
        assertTrue(annotation.contains(",file=db/sql%2Cold/V2__bad.sql,line=2,col="), annotation);
        assertTrue(annotation.contains("relation \"acount\" does not exist%0A"), annotation);
        assertTrue(step.summary().contains("<pre>insert into acount values"), step::toString);
    }

    @Test
    void infoHasATableOfEveryMigration() throws Exception {
        assertEquals(0, run(Map.of("database", database)).exit());
        migrations.with("V2__next.sql", "create table next ();");
        var step = run(Map.of("command", "info", "database", database));
        assertEquals(0, step.exit(), step::toString);
        assertEquals("COMPLETED", step.output("state"), step::toString);
        assertEquals("1", step.output("schema-version"), step::toString);
        assertTrue(
                Pattern.compile(
                                "\\| V1&#95;&#95;gate&#46;sql \\| SUCCESS \\| -?[0-9]+ \\| [0-9.]+ m?s \\|")
                        .matcher(step.summary())
                        .find(),
                step::toString);
        assertTrue(
                Pattern.compile("\\| V2&#95;&#95;next&#46;sql \\| PENDING \\| -?[0-9]+ \\|  \\|")
                        .matcher(step.summary())
                        .find(),
                step::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"info", "rehearse", "migrate"})
    void dangerousStatementIsMarkedAtItsLineUnlessItIsAccepted(String command) throws Exception {
        assertEquals(0, run(Map.of("database", database)).exit());
        migrations.with(
                "V2__next.sql",
                """
                create index next on gate ((1));
                -- db-migrate: accept drop-table because nobody uses it
                drop table gate;
                """);
        var step = run(Map.of("command", command, "database", database));
        assertEquals(0, step.exit(), step::toString);
        var marked = step.log().lines().filter(line -> line.startsWith("::warning ")).toList();
        assertEquals(1, marked.size(), step::toString);
        assertTrue(
                marked.getFirst()
                        .startsWith(
                                "::warning title=create-index,file=migrations/V2__next.sql,line=1::nobody writes"),
                step::toString);
        assertTrue(
                step.summary().contains("| create&#45;index<br>public&#46;gate"), step::toString);
        assertTrue(step.summary().contains("| accepted: nobody uses it |"), step::toString);
    }

    @Test
    void rehearsalHasATableOfWhatEachMigrationDid() throws Exception {
        assertEquals(0, run(Map.of("database", database)).exit());
        migrations
                .with("V2__next.sql", "alter table gate add column note text;")
                .with("V3__fails.sql", "select 1 / 0;")
                .with("V4__behind.sql", "select 1;");
        var step = run(Map.of("command", "rehearse", "database", database));
        assertEquals(1, step.exit(), step::toString);
        assertTrue(
                step.summary().contains("| migration | result | time | rows | what it did |\n"),
                step::toString);
        assertTrue(
                Pattern.compile(
                                "\\| V2&#95;&#95;next&#46;sql \\| ran \\| [0-9.]+ m?s \\| 0 \\| AccessExclusiveLock on public&#46;gate \\|")
                        .matcher(step.summary())
                        .find(),
                step::toString);
        assertTrue(
                step.summary().contains("| V4&#95;&#95;behind&#46;sql | not reached |"),
                step::toString);
        var copy =
                run(
                        Map.of(
                                "command",
                                "rehearse",
                                "on",
                                "copy",
                                "statistics",
                                "true",
                                "database",
                                database));
        assertTrue(copy.summary().contains("Rehearsed in a scratch database"), copy::toString);
    }

    @Test
    void differencesThatValidateFindsAreMarkedEachAtItsScript() throws Exception {
        assertEquals(0, run(Map.of("database", database)).exit());
        migrations.with("V1__gate.sql", "select 1;").with("V2_misnamed.sql", "select 1;");
        var step = run(Map.of("command", "validate", "database", database));
        assertEquals(1, step.exit(), step::toString);
        assertEquals("FAILED", step.output("state"), step::toString);
        var marked = step.log().lines().filter(line -> line.startsWith("::error ")).toList();
        assertEquals(2, marked.size(), step::toString);
        for (String script : List.of("V1__gate.sql", "V2_misnamed.sql")) {
            assertTrue(
                    marked.stream().anyMatch(l -> l.contains(",file=migrations/" + script + "::")),
                    step::toString);
        }
        assertTrue(
                step.summary().contains("| script | difference | what to do |\n"), step::toString);
    }

    @Test
    void baselineIsWrittenWhereItIsAllowedByNameAndRepairIsNot() throws Exception {
        POSTGRES.execute("postgres", "create database \"%s\"".formatted(database));
        var baseline =
                run(
                        Map.of(
                                "command", "baseline",
                                "database", database,
                                "baseline-version", "1",
                                "baseline-description", "what stood"));
        assertEquals(0, baseline.exit(), baseline::toString);
        assertTrue(
                baseline.summary().contains("- baseline 1&#44; what stood: written\n"),
                baseline::toString);
        var repair = run(Map.of("command", "repair", "database", database));
        assertEquals(2, repair.exit(), repair::toString);
        assertTrue(
                annotation(repair).contains("answered 403 COMMAND_NOT_ALLOWED"), repair::toString);
        var order = run(Map.of("database", database, "out-of-order", "true"));
        assertEquals(0, order.exit(), order::toString);
        assertEquals(2, run(Map.of("out-of-order", "perhaps")).exit());
    }

    /** A runner obeys what begins with two colons, wherever a script let it be printed. */
    @Test
    void textOfAMigrationIsNoCommandAndNoMarkup() throws Exception {
        migrations.with(
                "V2__evil.sql",
                """
                do $$ begin
                  raise exception using message = E'100%\\n::error file=README.md::<img src=x> | [a](b)\\n::add-mask::a';
                end $$;
                """);
        var step = run(Map.of("database", database));
        assertEquals(1, step.exit(), step::toString);
        var lines = step.log().lines().toList();
        String stop =
                lines.stream()
                        .filter(l -> l.startsWith("::stop-commands::"))
                        .findFirst()
                        .orElseThrow();
        int from = lines.indexOf(stop);
        int to = lines.indexOf("::" + stop.substring("::stop-commands::".length()) + "::");
        assertTrue(from >= 0 && to > from, step::toString);
        var obeyed = obeyed(step);
        assertEquals(1, obeyed.size(), step::toString);
        assertTrue(obeyed.getFirst().contains("100%25%0A::error file=README.md::"), step::toString);
        assertFalse(step.summary().contains("<img"), step::toString);
        assertFalse(step.summary().contains("](b)"), step::toString);
    }

    @Test
    void inputIsNoCommandWhateverIsWrongWithIt() throws Exception {
        String evil = "x\n::add-mask::secret\n ##[add-mask]secret";
        var wrong =
                new ArrayList<>(
                        Stream.of(
                                        "timeout",
                                        "command",
                                        "auth",
                                        "audience",
                                        "url",
                                        "placeholders",
                                        "process-id",
                                        "out-of-order",
                                        "statistics",
                                        "idempotency-key",
                                        "api-key",
                                        "target",
                                        "requested-by")
                                .map(input -> Map.of(input, evil))
                                .toList());
        wrong.add(Map.of("command", "follow", "process-id", evil));
        wrong.add(Map.of("auth", "api-key", "api-key", evil));
        for (var inputs : wrong) {
            var step = run(inputs);
            var obeyed = obeyed(step);
            if (step.exit() != 0) {
                assertEquals(1, obeyed.size(), step::toString);
                assertTrue(obeyed.getFirst().startsWith("::error title="), step::toString);
            } else {
                assertEquals(List.of(), obeyed, step::toString);
            }
        }
    }

    /** Whoever answers there would have the token. */
    @Test
    void inputIsNoOption() throws Exception {
        try (var elsewhere = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String option = "--url=http://127.0.0.1:" + elsewhere.getLocalPort();
            var process = run(Map.of("command", "follow", "process-id", option));
            assertEquals(2, process.exit(), process::toString);
            assertTrue(annotation(process).contains("process-id is "), process::toString);
            for (String command : List.of(option, "--json", "read-json", "list", "")) {
                var step = run(Map.of("command", command));
                assertEquals(2, step.exit(), step::toString);
                assertTrue(annotation(step).contains("command is migrate, "), step::toString);
            }
            elsewhere.setSoTimeout(1);
            assertThrows(SocketTimeoutException.class, elsewhere::accept);
        }
    }

    @Test
    void placeholdersAreOneALine() throws Exception {
        migrations.with("V2__names.sql", "create table ${first}_${second} ();");
        var step = run(Map.of("database", database, "placeholders", "first=a\n\nsecond=b\n"));
        assertEquals(0, step.exit(), step::toString);
        assertEquals(
                List.of("t"), POSTGRES.query(database, "select to_regclass('a_b') is not null"));
        var wrong = run(Map.of("database", database, "placeholders", "first=a\nhidden"));
        assertEquals(2, wrong.exit(), wrong::toString);
        assertTrue(annotation(wrong).contains("its line 2 lacks"), wrong::toString);
        assertFalse(wrong.log().contains("hidden"), wrong::toString);
    }

    @Test
    void longNamesOfAJobAreCutToWhatTheServerTakes() throws Exception {
        repository = "o".repeat(39) + "/" + "r".repeat(160);
        var step = run(Map.of("database", database));
        assertEquals(0, step.exit(), step::toString);
        assertEquals(
                List.of(repository),
                POSTGRES.query(
                        "postgres",
                        "select requested_by from db_migrate.process where id = '%s'"
                                .formatted(step.output("process-id"))));
    }

    @Test
    void inputIsTextAndNeverRun() throws Exception {
        String name = database + "$(touch ${RUNNER_TEMP}/run)`id`\";'&|";
        var step = run(Map.of("database", name, "requested-by", "$(touch run) \"'"));
        assertEquals(0, step.exit(), step::toString);
        assertEquals(List.of("V1__gate.sql"), RunningSystem.history(name));
        assertFalse(Files.exists(job.resolve("run")));
    }

    @Test
    void processThatIsFollowedNoLongerHasTheStateThatWasSeenLast() throws Exception {
        assertEquals(0, run(Map.of("database", database)).exit());
        migrations.with("V2__long.sql", MigrationFolder.WAITING);
        var step = run(Map.of("database", database, "timeout", "2"));
        assertEquals(2, step.exit(), step::toString);
        String id = step.output("process-id");
        assertTrue(step.output("state").matches("QUEUED|RUNNING"), step::toString);
        assertTrue(annotation(step).contains("not ended within --timeout 2"), step::toString);
        POSTGRES.execute(database, MigrationFolder.OPEN_GATE);
        var followed = run(Map.of("command", "follow", "process-id", id));
        assertEquals(0, followed.exit(), followed::toString);
        assertEquals("COMPLETED", followed.output("state"), followed::toString);
    }

    @Test
    void wrongInputAndRefusalAreMarked() throws Exception {
        var wrong = run(Map.of("timeout", "soon"));
        assertEquals(2, wrong.exit(), wrong::toString);
        assertTrue(annotation(wrong).contains("--timeout is a whole number"), wrong::toString);
        var refused = run(Map.of("audience", "somebody else's"));
        assertEquals(2, refused.exit(), refused::toString);
        assertTrue(annotation(refused).contains("answered 401: Unauthorized"), refused::toString);
        assertEquals("", refused.output("state"), refused::toString);
    }

    /**
     * The lines that a runner takes for commands: two colons after blanks, or the older form
     * anywhere, but for what stands in the guard.
     */
    private static List<String> obeyed(Step step) {
        var obeyed = new ArrayList<String>();
        var guard = Optional.<String>empty();
        for (String line : step.log().lines().toList()) {
            if (guard.isPresent()) {
                guard = guard.filter(end -> !line.equals(end));
            } else if (line.startsWith("::stop-commands::")) {
                guard = Optional.of(line.replace("stop-commands::", "") + "::");
            } else if (line.strip().startsWith("::") || line.contains("##[")) {
                obeyed.add(line);
            }
        }
        assertTrue(guard.isEmpty(), step::toString);
        return obeyed;
    }

    private static String annotation(Step step) {
        return step.log()
                .lines()
                .filter(line -> line.startsWith("::error "))
                .reduce((first, last) -> last)
                .orElseThrow(() -> new AssertionError(step));
    }

    private Step run(Map<String, String> given) throws Exception {
        var inputs = new HashMap<String, String>();
        section(ACTION, "inputs")
                .forEach((name, input) ->
                        inputs.put(
                                "inputs." + name,
                                String.valueOf(map(input).getOrDefault("default", ""))));
        inputs.put("inputs.url", "http://127.0.0.1:" + system.port());
        inputs.put("inputs.audience", "the action's");
        given.forEach((name, value) -> {
            assertTrue(inputs.containsKey("inputs." + name), name);
            inputs.put("inputs." + name, value);
        });
        var results = new HashMap<String, String>();
        Path log = Files.createTempFile(job, "log", "");
        Path summary = Files.createTempFile(job, "summary", "");
        int exit = 0;
        for (Object each : (List<?>) member(section(ACTION, "runs"), "steps")) {
            var step = map(each);
            assertEquals("bash", step.get("shell"));
            Path output = Files.createTempFile(job, "output", "");
            exit = bash(step, inputs, log, output, summary);
            for (String line : Files.readAllLines(output)) {
                String[] pair = line.split("=", 2);
                results.put("steps.%s.outputs.%s".formatted(step.get("id"), pair[0]), pair[1]);
            }
            if (exit != 0) {
                break;
            }
        }
        var outputs = new TreeMap<String, String>();
        section(ACTION, "outputs")
                .forEach((name, output) -> {
                    Matcher reference =
                            EXPRESSION.matcher(String.valueOf(map(output).get("value")));
                    assertTrue(reference.matches(), name);
                    Optional.ofNullable(results.get(reference.group(1)))
                            .ifPresent(value -> outputs.put(name, value));
                });
        return new Step(exit, Files.readString(log), outputs, Files.readString(summary));
    }

    private int bash(
            Map<String, Object> step,
            Map<String, String> inputs,
            Path log,
            Path output,
            Path summary)
            throws Exception {
        Path script =
                Files.writeString(
                        Files.createTempFile(job, "script", ".sh"),
                        String.valueOf(step.get("run")));
        var builder =
                new ProcessBuilder(
                                "bash",
                                "--noprofile",
                                "--norc",
                                "-e",
                                "-o",
                                "pipefail",
                                script.toString())
                        .directory(job.toFile())
                        .redirectErrorStream(true)
                        .redirectInput(new File("/dev/null"))
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        var environment = new LinkedHashMap<String, String>();
        section(step, "env")
                .forEach((name, value) ->
                        environment.put(
                                name,
                                EXPRESSION
                                        .matcher(String.valueOf(value))
                                        .replaceAll(found ->
                                                Matcher.quoteReplacement(
                                                        inputs.get(found.group(1))))));
        environment.putAll(
                Map.of(
                        "ACTIONS_ID_TOKEN_REQUEST_URL", issuer.requestUrl(),
                        "ACTIONS_ID_TOKEN_REQUEST_TOKEN", TokenIssuer.REQUEST_TOKEN,
                        "GITHUB_ACTION_PATH", Main.home().toString(),
                        "GITHUB_ACTOR", "somebody",
                        "GITHUB_OUTPUT", output.toString(),
                        "GITHUB_REPOSITORY", repository,
                        "GITHUB_SHA", "0123abc",
                        "GITHUB_STEP_SUMMARY", summary.toString(),
                        "PATH", System.getenv("PATH"),
                        "RUNNER_TEMP", job.toString()));
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError("has not ended: " + Files.readString(log));
        }
        return process.exitValue();
    }

    private static Object member(Map<String, Object> of, String name) {
        return Objects.requireNonNull(of.get(name), name);
    }

    private static Map<String, Object> section(Map<String, Object> of, String name) {
        return map(member(of, name));
    }

    @SuppressWarnings("unchecked") // YAML's maps of an action have text as keys
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }
}
