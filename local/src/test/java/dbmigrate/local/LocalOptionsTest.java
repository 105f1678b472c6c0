package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocalOptionsTest {
    private static final Path HOME = Path.of("/project");

    @Test
    void nothingMeansTheDefaults() {
        assertEquals(
                new LocalOptions(
                        HOME,
                        3000,
                        HOME.resolve("migrations"),
                        Optional.empty(),
                        Optional.empty(),
                        OptionalInt.empty(),
                        new ApiAuth.None(),
                        Map.of(),
                        false),
                parse());
    }

    @Test
    void emptyValueMeansTheDefault() {
        assertEquals(
                parse(),
                parse(
                        "--port=",
                        "--migrations=",
                        "--database-url=",
                        "--function-timeout=",
                        "--memory=",
                        "--oidc-issuer=",
                        "--oidc-audience=",
                        "--oidc-keys="));
    }

    @Test
    void valueFollowsASpaceOrAnEqualsSign() {
        var spaced = parse("--port", "0", "--function-timeout", "7", "--memory", "512");
        assertEquals(spaced, parse("--port=0", "--function-timeout=7", "--memory=512"));
        assertEquals(0, spaced.port());
        assertEquals(Optional.of(Duration.ofSeconds(7)), spaced.functionTimeout());
        assertEquals(OptionalInt.of(512), spaced.memory());
    }

    @Test
    void databaseUrlOfTheCommandLineGoesBeforeTheEnvironments() {
        var environment = Map.of("DATABASE_URL", "postgresql://environment/a");
        assertEquals(
                Optional.of("postgresql://environment/a"),
                LocalOptions.parse(HOME, environment).databaseUrl());
        assertEquals(
                Optional.of("postgresql://argument/a?b=c"),
                LocalOptions.parse(HOME, environment, "--database-url=postgresql://argument/a?b=c")
                        .databaseUrl());
    }

    @Test
    void variablesOfTheFunctionsAreHandedOnAndNoOthers() {
        var handedOn =
                LocalOptions.parse(
                                HOME,
                                Map.of("DB_TYPE", "mysql", "FLYWAY_TABLE", "t", "HOME", "/root"))
                        .handedOn();
        assertEquals(Map.of("DB_TYPE", "mysql", "FLYWAY_TABLE", "t"), handedOn);
    }

    @Test
    void queueServerIsTheOneOfTheSdksVariable() {
        assertEquals(Optional.empty(), parse().queueServer());
        assertEquals(
                Optional.of(URI.create("http://127.0.0.1:5000")),
                LocalOptions.parse(HOME, Map.of("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:5000"))
                        .queueServer());
    }

    @Test
    void signaturesAreCheckedWithTheKeyOfTheEnvironment() {
        var environment =
                Map.of(
                        "AWS_ACCESS_KEY_ID", "AKIDLOCAL",
                        "AWS_SECRET_ACCESS_KEY", "secret",
                        "AWS_REGION", "eu-west-1");
        var auth = LocalOptions.parse(HOME, environment, "--auth", "iam").auth();
        assertEquals(
                new ApiAuth.Iam(
                        new AccessKey("AKIDLOCAL", "secret", Optional.empty()), "eu-west-1"),
                auth);
        assertFalse((auth + auth.said()).contains("secret"));
    }

    @Test
    void tokensAreGithubsWhereNoOtherIssuerIsNamed() {
        assertEquals(
                new ApiAuth.GithubOidc(
                        "https://token.actions.githubusercontent.com", "us", Optional.empty()),
                parse("--auth=github-oidc", "--oidc-audience=us").auth());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ht^tp",
                "keys.json",
                "file:///keys.json",
                "http:keys",
                "http://a b/",
                "//h/k"
            })
    void keySetIsReadFromAnUrlOfHttpAlone(String place) {
        var refused =
                assertThrows(
                        LocalOptions.UsageException.class,
                        () ->
                                parse(
                                        "--auth=github-oidc",
                                        "--oidc-audience=us",
                                        "--oidc-keys=" + place));
        assertEquals(
                "The option --oidc-keys takes the URL of a key set, which begins with http:// or https://, not \"%s\"."
                        .formatted(place),
                refused.getMessage());
    }

    @Test
    void secretOfTheKeysIsToldToTheTemplate() {
        var auth =
                LocalOptions.parse(
                                HOME, Map.of("API_KEY_SECRET_ARN", "arn:of-keys"), "--auth=api-key")
                        .auth();
        assertEquals(
                Map.of("ApiAuth", "api-key", "ApiKeySecretArn", "arn:of-keys"), auth.parameters());
    }

    @Test
    void parentIsWatchedOnlyWhereAskedFor() {
        assertFalse(parse().watchParent());
        assertTrue(parse("--watch-parent").watchParent());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    --prot=1             | There is no option "--prot".
                    3000                 | There is no option "3000".
                    --port               | The option --port needs a value.
                    --port=x             | The option --port takes a number from 0 to 65535, not "x".
                    --port=65536         | The option --port takes a number from 0 to 65535, not "65536".
                    --function-timeout=0 | The option --function-timeout takes a number from 1 to 900, not "0".
                    --auth=basic         | The option --auth takes none, iam, github-oidc or api-key, not "basic".
                    --auth=              | The option --auth takes none, iam, github-oidc or api-key, not "".
                    --auth=iam           | --auth iam needs the variable AWS_ACCESS_KEY_ID.
                    --auth=github-oidc   | --auth github-oidc needs --oidc-audience.
                    --auth=api-key       | --auth api-key needs the variable API_KEY_SECRET_ARN.
                    --memory=64          | The option --memory takes a number from 128 to 10240, not "64".
                    """)
    void wrongOptionIsRefusedByName(String argument, String message) {
        var refused = assertThrows(LocalOptions.UsageException.class, () -> parse(argument));
        assertEquals(message, refused.getMessage());
    }

    @Test
    void printedOptionsHoldNoDatabaseUrl() {
        assertFalse(
                parse("--database-url=postgresql://u:secret@h/d").toString().contains("secret"));
    }

    private static LocalOptions parse(String... args) {
        return LocalOptions.parse(HOME, Map.of(), args);
    }
}
