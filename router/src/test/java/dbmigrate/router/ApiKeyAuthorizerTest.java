package dbmigrate.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.json.JsonObject;
import dbmigrate.settings.InvalidEnvironmentException;
import dbmigrate.testing.MotoServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The events are those that AWS documents for Lambda authorisers, payload format 2.0. */
@Timeout(60)
class ApiKeyAuthorizerTest {
    private static final String KEY = "hunter2-0123456789abcdef0123456789ab";
    private static final String EVENT =
            """
            {"version": "2.0", "type": "REQUEST", "routeKey": "$default", "rawPath": "/db-migrate",
             "routeArn": "arn:aws:execute-api:eu-west-1:123456789012:api-id/$default/POST/db-migrate",
             "identitySource": ["%1$s"], "rawQueryString": "",
             "headers": {"%2$s": "%1$s", "host": "api-id.execute-api.eu-west-1.amazonaws.com"},
             "requestContext": {"stage": "$default", "http": {"method": "POST", "path": "/db-migrate"}}}
            """;

    private static MotoServer moto;

    @BeforeAll
    static void start() throws Exception {
        moto = MotoServer.start(ApiKeyAuthorizerTest.class);
    }

    @AfterAll
    static void stop() {
        if (moto != null) {
            moto.close();
        }
    }

    @BeforeEach
    void serve() {
        moto.serveThisJvm();
    }

    @Test
    void callerWithAKeyIsToldByItsName() throws Exception {
        JsonObject answer = Invocation.answer(withKeys(), EVENT.formatted(KEY, "x-api-key"));
        assertTrue(answer.isTrue("isAuthorized"));
        assertEquals(Map.of("identity", "key:ci"), answer.object("context").strings());
        assertTrue(
                Invocation.answer(withKeys(), EVENT.formatted(KEY, "X-Api-Key"))
                        .isTrue("isAuthorized"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", KEY + " ", " " + KEY, KEY + "," + KEY, "hunter2", "ci", "{}"})
    void callerWithAnotherIsNot(String sent) throws Exception {
        JsonObject answer = Invocation.answer(withKeys(), EVENT.formatted(sent, "x-api-key"));
        assertEquals(false, answer.members().get("isAuthorized"));
        assertEquals(Map.of(), answer.object("context").members());
    }

    @ParameterizedTest
    @ValueSource(strings = {"authorization", "x-api-key2", "cookie"})
    void keyInAnotherHeaderIsNone(String header) throws Exception {
        JsonObject answer = Invocation.answer(withKeys(), EVENT.formatted(KEY, header));
        assertEquals(false, answer.members().get("isAuthorized"));
    }

    @Test
    void eventWithoutHeadersIsNobodys() throws Exception {
        assertEquals(false, Invocation.answer(withKeys(), "{}").members().get("isAuthorized"));
    }

    /** API Gateway answers by 500 then. */
    @Test
    void keysThatCannotBeHadAreAFailureAndNobodyComesIn() {
        String arn = moto.secret("{\"ci\":\"" + KEY + "\"}");
        moto.delete(arn);
        for (String secret :
                new String[] {
                    arn,
                    moto.secret("no JSON"),
                    moto.secret("{}"),
                    moto.secret("{\"ci\":\"short\"}"),
                    moto.binarySecret("aHVudGVyMg=="),
                }) {
            ApiKeyAuthorizer authorizer = authorizer(secret);
            assertThrows(
                    IllegalStateException.class,
                    () -> Invocation.answer(authorizer, EVENT.formatted(KEY, "x-api-key")));
        }
    }

    @Test
    void logHoldsWhoCameInAndNoKey() throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
        try {
            ApiKeyAuthorizer authorizer = withKeys();
            Invocation.answer(authorizer, EVENT.formatted(KEY, "x-api-key"));
            Invocation.answer(authorizer, EVENT.formatted(KEY + "x", "x-api-key"));
        } finally {
            System.setOut(before);
        }
        String log = output.toString(StandardCharsets.UTF_8);
        assertTrue(log.contains("key:ci") && log.contains("nobody"), log);
        assertFalse(log.contains("hunter2"), log);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "api-keys", "arn:aws:s3:::bucket"})
    void variableThatNamesNoSecretIsRefusedByName(String arn) {
        InvalidEnvironmentException refusal =
                assertThrows(InvalidEnvironmentException.class, () -> authorizer(arn));
        assertTrue(refusal.toString().contains("API_KEY_SECRET_ARN"), refusal::toString);
    }

    private static ApiKeyAuthorizer withKeys() {
        return authorizer(moto.secret("{\"ci\":\"" + KEY + "\"}"));
    }

    private static ApiKeyAuthorizer authorizer(String arn) {
        return new ApiKeyAuthorizer(Map.of("API_KEY_SECRET_ARN", arn));
    }
}
