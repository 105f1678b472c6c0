package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dbmigrate.testing.MotoServer;
import dbmigrate.testing.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every attempt to get in that somebody has thought of, in each of the ways, and what it got. */
@Tag("database")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EndToEndAttemptsTest {
    private static final TestPostgres POSTGRES = TestPostgres.shared();
    private static final Path DOCUMENT = Main.home().resolve("docs/authorisation.md");

    private final Parts parts = new Parts();
    private final String database = RunningSystem.newDatabase();
    private MotoServer moto;
    private String secret;
    private List<Attempt> attempts;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        new MigrationFolder(folder).with("V1__gate.sql", MigrationFolder.GATE);
        var issuer = parts.start(TokenIssuer::start);
        moto = parts.start(() -> MotoServer.start(EndToEndAttemptsTest.class));
        var keys = new HashMap<>(PermissionAttempts.KEYS);
        keys.put("ci", Attempts.KEY);
        secret = moto.secret(text(keys));
        var iam = parts.start(() -> RunningSystem.start(folder, Attempts.IAM, Map.of()));
        var github =
                parts.start(() ->
                        RunningSystem.start(
                                folder,
                                new ApiAuth.GithubOidc(
                                        issuer.url(), Attempts.AUDIENCE, Optional.empty()),
                                Map.of(
                                        "GITHUB_REPOSITORY_IDS",
                                        TokenIssuer.REPOSITORY_ID,
                                        "GITHUB_REFS",
                                        "refs/heads/main,refs/tags/v*",
                                        "GITHUB_ENVIRONMENTS",
                                        "production",
                                        "PERMISSIONS",
                                        PermissionAttempts.ofWorkflows())));
        var apiKey =
                parts.start(() ->
                        RunningSystem.start(
                                folder,
                                new ApiAuth.ApiKey(secret),
                                Map.of(
                                        "API_KEY_SECRET_ARN",
                                        secret,
                                        "PERMISSIONS",
                                        PermissionAttempts.ofKeys(database),
                                        "AWS_ENDPOINT_URL_SECRETS_MANAGER",
                                        moto.endpoint().toString())));
        attempts =
                new Attempts(
                                iam.port(),
                                github.port(),
                                apiKey.port(),
                                issuer,
                                database,
                                held -> {
                                    moto.set(secret, text(held));
                                    apiKey.endInstances("ApiKeyAuthorizerFunction");
                                })
                        .all();
    }

    @AfterAll
    void stop() {
        parts.close();
    }

    List<Attempt> attempts() {
        return attempts;
    }

    @ParameterizedTest
    @MethodSource("attempts")
    void attemptGetsWhatTheTableSays(Attempt attempt) {
        assertEquals(attempt.got(), attempt.outcome());
    }

    @Test
    void tableOfTheDocumentIsTheTableOfTheAttempts() throws Exception {
        String table =
                attempts.stream()
                        .map(Attempt::row)
                        .collect(
                                Collectors.joining(
                                        "\n",
                                        "| way | attempt | got |\n| --- | --- | --- |\n",
                                        "\n"));
        System.out.println(table);
        assertTrue(attempts.size() >= 40);
        String document = Files.readString(DOCUMENT);
        int from = document.indexOf("| way | attempt | got |");
        assertEquals(table, document.substring(from, document.indexOf("\n\n", from) + 1));
    }

    private static String text(Map<String, String> keys) {
        return new JsonMapper().valueToTree(keys).toString();
    }
}
