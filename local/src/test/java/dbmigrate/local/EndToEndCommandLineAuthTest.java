package dbmigrate.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.testing.MotoServer;
import dbmigrate.testing.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code bin/db-migrate}, with curl's own signatures, proves who it is in each of the ways. */
@Tag("database")
class EndToEndCommandLineAuthTest {
    private static final TestPostgres POSTGRES = TestPostgres.shared();
    private static final ApiAuth.Iam IAM =
            new ApiAuth.Iam(
                    new AccessKey(
                            "AKIDCOMMANDLINE",
                            "secret/of+the=key",
                            Optional.of("session\"\\token")),
                    "eu-central-1");
    private static final String KEY = "key-of-the-command-line-0123456789abcdef";

    @TempDir static Path folder;
    @TempDir static Path runs;
    private static final Parts PARTS = new Parts();
    private static TokenIssuer issuer;
    private static RunningSystem iam;
    private static RunningSystem github;
    private static RunningSystem apiKey;

    private final CommandLine commandLine = CommandLine.ofTheSystem();
    private final String database = RunningSystem.newDatabase();

    @BeforeAll
    static void start() throws Exception {
        new MigrationFolder(folder).with("V1__gate.sql", MigrationFolder.GATE);
        issuer = PARTS.start(TokenIssuer::start);
        iam = PARTS.start(() -> RunningSystem.start(folder, IAM, Map.of()));
        github =
                PARTS.start(() ->
                        RunningSystem.start(
                                folder,
                                new ApiAuth.GithubOidc(
                                        issuer.url(), "db-migrate of the test", Optional.empty()),
                                Map.of(
                                        "GITHUB_REPOSITORY_IDS",
                                        TokenIssuer.REPOSITORY_ID,
                                        "GITHUB_REFS",
                                        "refs/heads/main")));
        var moto = PARTS.start(() -> MotoServer.start(EndToEndCommandLineAuthTest.class));
        String secret = moto.secret("{\"ci\":\"%s\"}".formatted(KEY));
        apiKey =
                PARTS.start(() ->
                        RunningSystem.start(
                                folder,
                                new ApiAuth.ApiKey(secret),
                                Map.of(
                                        "API_KEY_SECRET_ARN",
                                        secret,
                                        "AWS_ENDPOINT_URL_SECRETS_MANAGER",
                                        moto.endpoint().toString())));
    }

    @AfterAll
    static void stop() {
        PARTS.close();
    }

    static Stream<CommandLine> shells() {
        return CommandLine.installed();
    }

    @ParameterizedTest
    @MethodSource("shells")
    void signedRunIsAdmittedAsItsRole(CommandLine shell) throws Exception {
        var result = shell.run(runs, signing(), url(iam, "--database", database));
        assertEquals(0, result.exit(), result::toString);
        var events = shell.run(runs, signing(), url(iam, "events", idOf(result)));
        assertTrue(
                events.out().contains("by arn:aws:sts::000000000000:assumed-role/local/session"),
                events::toString);
    }

    @Test
    void queryOfAListIsSignedInOrder() throws Exception {
        var result = commandLine.run(runs, signing(), url(iam, "--database", database));
        var list =
                commandLine.run(
                        runs,
                        signing(),
                        url(iam, "--state=COMPLETED", "--limit=5", "--database", database, "list"));
        assertEquals(0, list.exit(), list::toString);
        assertTrue(list.out().contains(idOf(result)), list::toString);
    }

    @Test
    void wrongSecretIsForbidden() throws Exception {
        var variables = new HashMap<>(signing());
        variables.put("AWS_SECRET_ACCESS_KEY", "another");
        var result = commandLine.run(runs, variables, url(iam));
        assertEquals(2, result.exit(), result::toString);
        assertTrue(result.err().contains(" answered 403: Forbidden"), result::toString);
    }

    @ParameterizedTest
    @MethodSource("shells")
    void jobOfGitHubIsAdmittedWithTheTokenThatItAsksFor(CommandLine shell) throws Exception {
        int before = issuer.asked().size();
        var result = shell.run(runs, job(), url(github, "--database", database));
        assertEquals(0, result.exit(), result::toString);
        var asked = issuer.asked();
        assertEquals(
                List.of("db-migrate of the test"),
                asked.subList(before, asked.size()).stream().distinct().toList());
    }

    @Test
    void tokenThatExpiresWhileAMigrationRunsIsAskedForAnew() throws Exception {
        issuer.lifetime(Duration.ofSeconds(2));
        try {
            new MigrationFolder(folder).with("V2__long.sql", MigrationFolder.WAITING);
            int before = issuer.asked().size();
            var run = commandLine.start(runs, job(), url(github, "--database", database));
            Eventually.holds("it asks again", () -> issuer.asked().size() >= before + 3);
            POSTGRES.execute(database, MigrationFolder.OPEN_GATE);
            var result = run.ended();
            assertEquals(0, result.exit(), result::toString);
            assertFalse((result.out() + result.err()).contains("401"), result::toString);
        } finally {
            issuer.lifetime(Duration.ofMinutes(5));
            Files.delete(folder.resolve("V2__long.sql"));
        }
    }

    /** The gateway looks at "iat" to the second, and another token would have it as late. */
    @Test
    void tokenOfAClockThatIsAheadIsGoodAMomentLater() throws Exception {
        issuer.ahead(Duration.ofSeconds(2));
        try {
            int before = issuer.asked().size();
            var result = commandLine.run(runs, job(), url(github, "--database", database));
            assertEquals(0, result.exit(), result::toString);
            assertFalse((result.out() + result.err()).contains("401"), result::toString);
            assertEquals(before + 1, issuer.asked().size());
        } finally {
            issuer.ahead(Duration.ZERO);
        }
    }

    @ParameterizedTest
    @MethodSource("shells")
    void tokenThatStaysBadIsRefusedAfterAnother(CommandLine shell) throws Exception {
        issuer.ahead(Duration.ofMinutes(1));
        try {
            int before = issuer.asked().size();
            var result = shell.run(runs, job(), url(github, "list"));
            assertEquals(2, result.exit(), result::toString);
            assertTrue(result.err().contains(" answered 401: Unauthorized"), result::toString);
            assertEquals(before + 2, issuer.asked().size());
        } finally {
            issuer.ahead(Duration.ZERO);
        }
    }

    @ParameterizedTest
    @MethodSource("shells")
    void commandToFollowItAgainNamesTheAudienceThatWasNamed(CommandLine shell) throws Exception {
        var started = shell.run(runs, job(), url(github, "--no-follow", "--database", database));
        assertEquals(0, started.exit(), started::toString);
        assertTrue(
                started.err()
                        .contains(
                                " --auth github-oidc --audience 'db-migrate of the test' follow "
                                        + started.out().strip()),
                started::toString);
    }

    @Test
    void audienceThatIsQuotedIsTheSameForAShell() throws Exception {
        var variables = new HashMap<>(job());
        variables.put("DB_MIGRATE_TOKEN", issuer.token("db-migrate of the test", Map.of()));
        String audience = "$(touch x) it's `here` \\";
        var started =
                commandLine.run(
                        runs,
                        variables,
                        url(github, "--audience", audience, "--no-follow", "--database", database));
        assertEquals(0, started.exit(), started::toString);
        String quoted = started.err().replaceAll("(?s).* --audience (.*) follow .*", "$1");
        var shell = new ProcessBuilder("sh", "-c", "printf %s " + quoted).start();
        assertEquals(audience, new String(shell.getInputStream().readAllBytes(), UTF_8));
    }

    @ParameterizedTest
    @MethodSource("shells")
    void keyAndTokenGoToNoOtherMachineInPlainText(CommandLine shell) throws Exception {
        for (String authority :
                List.of(
                        "db-migrate.example",
                        "127.0.0.1.example",
                        "127.0.0.1:80@db-migrate.example",
                        "localhost:x@db-migrate.example:80",
                        "localhost.example",
                        "[::2]:3000",
                        "10.0.0.1:3000")) {
            for (var way :
                    List.of(
                            Map.of("DB_MIGRATE_AUTH", "api-key", "DB_MIGRATE_API_KEY", KEY),
                            Map.of("DB_MIGRATE_AUTH", "github-oidc", "DB_MIGRATE_TOKEN", "t"))) {
                var result = shell.run(runs, way, "--url", "http://" + authority, "list");
                assertEquals(2, result.exit(), result::toString);
                assertTrue(result.err().contains("--url begins with https://"), result::toString);
            }
        }
        for (String own : List.of("localhost:1", "127.0.0.1:1", "127.8.9.1:1", "[::1]:1")) {
            var result =
                    shell.run(
                            runs,
                            Map.of("DB_MIGRATE_AUTH", "api-key", "DB_MIGRATE_API_KEY", KEY),
                            "--patience=0",
                            "--url",
                            "http://" + own + "/stage",
                            "list");
            assertTrue(result.err().contains(" cannot be had: "), result::toString);
        }
    }

    @Test
    void audienceIsTheOriginOfTheUrlWhereNoneIsNamed() throws Exception {
        var variables = new HashMap<>(job());
        variables.remove("DB_MIGRATE_AUDIENCE");
        var result = commandLine.run(runs, variables, url(github));
        assertEquals(2, result.exit(), result::toString);
        assertTrue(result.err().contains(" answered 401: Unauthorized"), result::toString);
        assertTrue(result.err().contains("check --auth, --audience"), result::toString);
        assertEquals("http://127.0.0.1:" + github.port(), issuer.asked().getLast());
    }

    @Test
    void readyTokenIsTakenAsItIs() throws Exception {
        int before = issuer.asked().size();
        String token = issuer.token("db-migrate of the test", Map.of());
        var result =
                commandLine.run(
                        runs,
                        Map.of("DB_MIGRATE_AUTH", "github-oidc", "DB_MIGRATE_TOKEN", token),
                        url(github, "--database", database));
        assertEquals(0, result.exit(), result::toString);
        assertEquals(before, issuer.asked().size());
    }

    @Test
    void jobWithoutThePermissionIsToldWhichOne() throws Exception {
        var result = commandLine.run(runs, url(github, "--auth", "github-oidc"));
        assertEquals(2, result.exit(), result::toString);
        assertTrue(result.err().contains("permissions: id-token: write"), result::toString);
        var refused = new HashMap<>(job());
        refused.put("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "of-another-job");
        var asked = commandLine.run(runs, refused, url(github, "--patience=0"));
        assertEquals(2, asked.exit(), asked::toString);
        assertTrue(asked.err().contains("GitHub's token for "), asked::toString);
        assertTrue(asked.err().contains("permissions: id-token: write"), asked::toString);
    }

    @ParameterizedTest
    @MethodSource("shells")
    void keyOfTheEnvironmentIsAdmittedByItsName(CommandLine shell) throws Exception {
        var result =
                shell.run(
                        runs,
                        Map.of("DB_MIGRATE_API_KEY", KEY),
                        url(apiKey, "--auth=api-key", "--database", database));
        assertEquals(0, result.exit(), result::toString);
        var events =
                shell.run(
                        runs,
                        Map.of("DB_MIGRATE_API_KEY", KEY),
                        url(apiKey, "--auth=api-key", "events", idOf(result)));
        assertTrue(events.out().contains("by key:ci"), events::toString);
    }

    @Test
    void missingOrBrokenKeyIsNamed() throws Exception {
        var missing = commandLine.run(runs, url(apiKey, "--auth=api-key"));
        assertEquals(2, missing.exit(), missing::toString);
        assertTrue(missing.err().contains("DB_MIGRATE_API_KEY"), missing::toString);
        var broken =
                commandLine.run(
                        runs,
                        Map.of("DB_MIGRATE_API_KEY", KEY + "\nx-other: header"),
                        url(apiKey, "--auth=api-key"));
        assertEquals(2, broken.exit(), broken::toString);
        assertTrue(broken.err().contains("DB_MIGRATE_API_KEY must not hold"), broken::toString);
        assertFalse(broken.err().contains(KEY), broken::toString);
    }

    @Test
    void noSecretIsInAnArgumentOrInWhatIsPrinted() throws Exception {
        Path seen = runs.resolve("arguments");
        Path curl = runs.resolve("curl-that-tells");
        Files.writeString(
                curl,
                "#!/bin/sh\nprintf '%%s\\n' \"$@\" >> '%s'\nexec /usr/bin/curl \"$@\"\n"
                        .formatted(seen));
        Files.setPosixFilePermissions(curl, PosixFilePermissions.fromString("rwxr-xr-x"));
        var watched = commandLine.with("curl", curl);
        var results =
                List.of(
                        watched.run(runs, signing(), url(iam, "--github", "list")),
                        watched.run(runs, job(), url(github, "--github", "list")),
                        watched.run(
                                runs,
                                Map.of("DB_MIGRATE_API_KEY", KEY),
                                url(apiKey, "--github", "--auth=api-key", "list")));
        String everything = Files.readString(seen) + results;
        assertTrue(everything.contains("--config"), everything);
        for (String secret :
                List.of(
                        IAM.key().secret(),
                        IAM.key().sessionToken().orElseThrow(),
                        TokenIssuer.REQUEST_TOKEN,
                        KEY,
                        "eyJ")) {
            assertFalse(everything.contains(secret), everything);
        }
        results.forEach(result -> assertEquals(0, result.exit(), result::toString));
    }

    private static Map<String, String> signing() {
        return Map.of(
                "DB_MIGRATE_AUTH", "iam",
                "AWS_REGION", IAM.region(),
                "AWS_ACCESS_KEY_ID", IAM.key().id(),
                "AWS_SECRET_ACCESS_KEY", IAM.key().secret(),
                "AWS_SESSION_TOKEN", IAM.key().sessionToken().orElseThrow());
    }

    private static Map<String, String> job() {
        return Map.of(
                "DB_MIGRATE_AUTH",
                "github-oidc",
                "DB_MIGRATE_AUDIENCE",
                "db-migrate of the test",
                "ACTIONS_ID_TOKEN_REQUEST_URL",
                issuer.requestUrl(),
                "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
                TokenIssuer.REQUEST_TOKEN);
    }

    private static String idOf(CommandLine.Result result) {
        return result.out().replaceAll("(?s).*\nprocess ([0-9a-f-]{36})\n.*", "$1");
    }

    private static String[] url(RunningSystem system, String... arguments) {
        return Stream.concat(
                        Stream.of("--url", "http://127.0.0.1:" + system.port()),
                        Stream.of(arguments))
                .toArray(String[]::new);
    }
}
