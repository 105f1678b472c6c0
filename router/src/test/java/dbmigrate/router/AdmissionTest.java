package dbmigrate.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Attempts to get in, past whatever authoriser stands before the function. Who is in learns that
 * the request itself is wrong (422): nothing is asked of database and queue, which are not there.
 */
class AdmissionTest {
    private static final String IN = "422 INVALID_REQUEST";
    private static final String WRONG = "{\"target\": \"soon\"}";
    private static final String IAM =
            "{\"iam\": {\"accountId\": \"123456789012\", \"userArn\": \"arn:aws:iam::123456789012:user/ci\"}}";
    private static final String CLAIMS =
            "\"iss\": \"https://token.actions.githubusercontent.com\", \"sub\": \"x\", \"event_name\": \"push\"";
    private static final String GITHUB =
            "{\"jwt\": {\"claims\": {"
                    + CLAIMS
                    + ", \"repository_id\": \"42\", \"ref\": \"refs/heads/main\"}, \"scopes\": null}}";
    private static final String KEY = "{\"lambda\": {\"identity\": \"key:ci\"}}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    iam         | IAM                                  | 422 INVALID_REQUEST
                    iam         | null                                 | 401 UNAUTHENTICATED
                    iam         | {}                                   | 401 UNAUTHENTICATED
                    iam         | []                                   | 401 UNAUTHENTICATED
                    iam         | "iam"                                | 401 UNAUTHENTICATED
                    iam         | {"iam": null}                        | 401 UNAUTHENTICATED
                    iam         | {"iam": {}}                          | 401 UNAUTHENTICATED
                    iam         | {"iam": {"userArn": null}}           | 401 UNAUTHENTICATED
                    iam         | {"iam": {"userArn": ""}}             | 401 UNAUTHENTICATED
                    iam         | {"iam": {"userArn": 1}}              | 401 UNAUTHENTICATED
                    iam         | {"iam": {"userArn": "anonymous"}}    | 401 UNAUTHENTICATED
                    iam         | {"iam": {"userId": "USER"}}          | 401 UNAUTHENTICATED
                    iam         | GITHUB                               | 401 UNAUTHENTICATED
                    iam         | KEY                                  | 401 UNAUTHENTICATED
                    iam         | {"userArn": "arn:aws:iam::1:user/x"} | 401 UNAUTHENTICATED
                    github-oidc | GITHUB                               | 422 INVALID_REQUEST
                    github-oidc | null                                 | 401 UNAUTHENTICATED
                    github-oidc | IAM                                  | 401 UNAUTHENTICATED
                    github-oidc | KEY                                  | 401 UNAUTHENTICATED
                    github-oidc | {"jwt": {"claims": null}}            | 401 UNAUTHENTICATED
                    github-oidc | {"jwt": {"claims": {}}}              | 401 UNAUTHENTICATED
                    github-oidc | {"jwt": {"claims": {"sub": "x"}}}    | 403 IDENTITY_NOT_ALLOWED
                    github-oidc | claims "repository_id": "43", "ref": "refs/heads/main"   | 403 IDENTITY_NOT_ALLOWED
                    github-oidc | claims "repository_id": ["42"], "ref": "refs/heads/main" | 403 IDENTITY_NOT_ALLOWED
                    github-oidc | claims "repository_id": "42", "ref": "refs/heads/evil"   | 403 IDENTITY_NOT_ALLOWED
                    github-oidc | claims "repository_id": "42", "ref": "refs/pull/1/merge" | 403 IDENTITY_NOT_ALLOWED
                    github-oidc | claims "repository_id": "42"                             | 403 IDENTITY_NOT_ALLOWED
                    github-oidc | claims "repository_id": 42, "ref": "refs/heads/main"     | 422 INVALID_REQUEST
                    api-key     | KEY                                  | 422 INVALID_REQUEST
                    api-key     | null                                 | 401 UNAUTHENTICATED
                    api-key     | IAM                                  | 401 UNAUTHENTICATED
                    api-key     | GITHUB                               | 401 UNAUTHENTICATED
                    api-key     | {"lambda": null}                     | 401 UNAUTHENTICATED
                    api-key     | {"lambda": {}}                       | 401 UNAUTHENTICATED
                    api-key     | {"lambda": {"identity": ""}}         | 401 UNAUTHENTICATED
                    api-key     | {"lambda": {"identity": "key:"}}     | 401 UNAUTHENTICATED
                    api-key     | {"lambda": {"identity": "ci"}}       | 401 UNAUTHENTICATED
                    api-key     | {"lambda": {"identity": "key:a b"}}  | 401 UNAUTHENTICATED
                    api-key     | {"lambda": {"identity": ["key:ci"]}} | 401 UNAUTHENTICATED
                    api-key     | {"lambda": {"isAuthorized": true}}   | 401 UNAUTHENTICATED
                    none        | null                                 | 422 INVALID_REQUEST
                    """)
    void identityIsThatOfTheConfiguredAuthoriserAlone(
            String auth, String authorizer, String expected) throws Exception {
        String said =
                switch (authorizer) {
                    case "IAM" -> IAM;
                    case "GITHUB" -> GITHUB;
                    case "KEY" -> KEY;
                    default ->
                            authorizer.startsWith("claims ")
                                    ? "{\"jwt\": {\"claims\": {%s, %s}}}"
                                            .formatted(
                                                    CLAIMS,
                                                    authorizer.substring("claims ".length()))
                                    : authorizer;
                };
        RouterHandler router = router(Map.of("API_AUTH", auth));
        assertEquals(expected, got(router, HttpEventFixture.of("POST", "/db-migrate", said)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"iam", "github-oidc", "api-key"})
    void authorisersThatAreNotAskedForCountForNothingBesideTheOneThatIs(String auth)
            throws Exception {
        String all = "{%s, %s, %s}".formatted(inner(IAM), inner(GITHUB), inner(KEY));
        RouterHandler router = router(Map.of("API_AUTH", auth));
        assertEquals(IN, got(router, HttpEventFixture.of("POST", "/db-migrate", all)));
    }

    /** Every path and method, whichever route of API Gateway they should have come by. */
    @ParameterizedTest
    @CsvSource({
        "POST, /db-migrate",
        "GET, /db-migrate",
        "PUT, /db-migrate",
        "DELETE, /db-migrate/01a205d0-4246-796a-b0ff-a98858c7850b",
        "GET, /db-migrate/01a205d0-4246-796a-b0ff-a98858c7850b",
        "GET, /db-migrate/01a205d0-4246-796a-b0ff-a98858c7850b/events",
        "POST, /db-migrate/01a205d0-4246-796a-b0ff-a98858c7850b/cancel",
        "POST, //db-migrate",
        "POST, /db-migrate/",
        "POST, /health/../db-migrate",
        "GET, /health/../db-migrate",
        "GET, /health/..%2fdb-migrate",
        "GET, /health%2f..%2fdb-migrate",
        "GET, /health;/../db-migrate",
        "GET, /health/",
        "GET, //health",
        "GET, /./health",
        "GET, /%68ealth",
        "GET, /Health",
        "GET, /health%00",
        "GET, /health?x=/db-migrate",
        "GET, health",
        "GET, ''",
        "GET, /",
        "POST, /health",
        "HEAD, /health",
        "OPTIONS, /health",
        "get, /health",
        "GET, /prod/health",
    })
    void withoutAnIdentityNothingIsOpenButHealth(String method, String path) throws Exception {
        RouterHandler router = router(Map.of());
        HttpEventFixture attempt = HttpEventFixture.of(method, path, "null").with(WRONG);
        assertEquals("401 UNAUTHENTICATED", got(router, attempt));
        assertEquals("404 NOT_FOUND", got(router, attempt.by("GET /health")));
        // Nor with one, nor where nobody needs one: that route leads to nothing else.
        HttpEventFixture signed = HttpEventFixture.of(method, path, IAM).by("GET /health");
        assertEquals("404 NOT_FOUND", got(router, signed));
        assertEquals("404 NOT_FOUND", got(router(Map.of("API_AUTH", "none")), signed));
    }

    @Test
    void healthIsOpenByEitherRoute() throws Exception {
        HttpEventFixture health = HttpEventFixture.of("GET", "/health", "null");
        for (String auth : new String[] {"iam", "github-oidc", "api-key", "none"}) {
            RouterHandler router = router(Map.of("API_AUTH", auth));
            assertEquals("200", got(router, health));
            assertEquals("200", got(router, health.by("GET /health")));
        }
    }

    @Test
    void refusalSaysHowToProveWhoOneIs() throws Exception {
        JsonObject answer =
                Invocation.answer(
                        router(Map.of("API_AUTH", "github-oidc")),
                        HttpEventFixture.of("GET", "/db-migrate", "null").json());
        assertEquals("Bearer", answer.object("headers").strings().get("www-authenticate"));
    }

    @Test
    void bodyOfSomebodyUnknownIsNotLookedAt() throws Exception {
        HttpEventFixture attempt = HttpEventFixture.of("POST", "/db-migrate", "null");
        assertEquals(
                "401 UNAUTHENTICATED", got(router(Map.of()), attempt.with("x".repeat(70_000))));
        assertEquals("401 UNAUTHENTICATED", got(router(Map.of()), attempt.with("{")));
    }

    @Test
    void identityThatNoRuleStandsForMayDoNothingAndReadsItsOwnName() throws Exception {
        RouterHandler router = router(Map.of("PERMISSIONS", "arn:aws:iam::*:user/other: *"));
        for (String path : new String[] {"/db-migrate", "/db-migrate/x", "/elsewhere"}) {
            HttpEventFixture attempt = HttpEventFixture.of("GET", path, IAM);
            assertEquals("403 IDENTITY_NOT_ALLOWED", got(router, attempt));
            String body = Invocation.answer(router, attempt.json()).string("body").orElseThrow();
            assertTrue(body.contains("arn:aws:iam::123456789012:user/ci"), body);
            assertTrue(!body.contains("other"), body);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    arn:aws:iam::*:user/ci: info, read       | {}                                        | 403 COMMAND_NOT_ALLOWED
                    arn:aws:iam::*:user/ci: * on other       | {}                                        | 403 COMMAND_NOT_ALLOWED
                    arn:aws:iam::*:user/ci: * on other       | {"database": "app"}                       | 403 COMMAND_NOT_ALLOWED
                    arn:aws:iam::*:user/ci: * on app         | {"database": "other"}                     | 403 COMMAND_NOT_ALLOWED
                    arn:aws:iam::*:user/ci: * on *           | {"database": "third"}                     | 403 DATABASE_NOT_ALLOWED
                    arn:aws:iam::*:user/ci: read             | {"target": "soon"}                        | 422 INVALID_REQUEST
                    arn:aws:iam::*:user/ci: repair, baseline | {"command": "migrate"}                    | 403 COMMAND_NOT_ALLOWED
                    """)
    void startingTakesThePermissionForTheCommandOnTheDatabase(
            String rules, String body, String expected) throws Exception {
        RouterHandler router = router(Map.of("PERMISSIONS", rules));
        assertEquals(
                expected, got(router, HttpEventFixture.of("POST", "/db-migrate", IAM).with(body)));
    }

    private static RouterHandler router(Map<String, String> more) {
        Map<String, String> variables = new HashMap<>();
        variables.put("DATABASE_URL", "postgresql://user:password@127.0.0.1:1/app");
        variables.put("ALLOWED_DATABASES", "other");
        variables.put("MIGRATION_QUEUE_URL", "http://127.0.0.1:1/queue.fifo");
        variables.put("AWS_REGION", "eu-west-1");
        variables.put("GITHUB_REPOSITORY_IDS", "42");
        variables.put("GITHUB_REFS", "refs/heads/main");
        variables.putAll(more);
        return new RouterHandler(RouterSettings.read(variables));
    }

    /** Status and code of the answer. */
    private static String got(RouterHandler router, HttpEventFixture attempt) throws Exception {
        HttpEventFixture whole =
                attempt.method().equals("POST") && attempt.body().isEmpty()
                        ? attempt.with(WRONG)
                        : attempt;
        JsonObject answer = Invocation.answer(router, whole.json());
        return answer.integer("statusCode").orElseThrow()
                + Invocation.body(answer).string("code").map(code -> " " + code).orElse("");
    }

    private static String inner(String object) {
        return object.substring(1, object.length() - 1);
    }
}
