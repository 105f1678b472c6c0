package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.local.DocumentedApi.Answered;
import java.net.http.HttpHeaders;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which answers docs/openapi.yaml describes; the end-to-end tests hold every real one to it. */
class ConformanceTest {
    private static final String ID = "01a205ee-9465-7375-a68e-250abaf91e41";
    private static final String PROCESS = "/db-migrate/" + ID;
    private static final String PROBLEM = "application/problem+json";
    private static final Map<String, String> JSON_HEADERS =
            Map.of("content-type", "application/json", "cache-control", "no-store");
    private static final Map<String, String> PROBLEM_HEADERS =
            Map.of("content-type", PROBLEM, "cache-control", "no-store");
    private static final String ENDED =
            """
            {"processId": "%1$s", "command": "migrate", "database": "app", "state": "FAILED",
             "attempt": 1, "requestedBy": null, "requestedAt": "2026-11-23T01:04:11.767Z",
             "startedAt": "2026-11-23T01:04:13.267Z", "finishedAt": "2026-11-23T01:04:13.880Z",
             "databaseCreated": false, "schemaVersion": {"before": null, "now": null},
             "progress": {"applied": 0, "total": 1, "current": null},
             "migrations": [], "attempts": [], "warnings": [], "result": null,
             "error": {"code": "SQL_FAILED", "title": "t", "detail": "d", "sqlState": "P0001",
                       "script": "V1__a.sql", "line": 1, "column": 1, "position": null,
                       "statement": null, "constraint": null, "hint": null, "action": "a"},
             "links": {"self": "/db-migrate/%1$s", "cancel": null}}
            """
                    .formatted(ID);

    @Test
    void documentedAnswerConforms() {
        accepted(show(ENDED));
        accepted(posted(202, with(JSON_HEADERS, "location", PROCESS, "retry-after", "1")));
        accepted(posted(200, with(JSON_HEADERS, "location", PROCESS)));
        accepted(problem("GET", PROCESS, 404, "NOT_FOUND", PROBLEM_HEADERS));
    }

    @Test
    void pathAndMethodThatAreNotListedHaveTheirOwnAnswers() {
        accepted(problem("GET", "/other", 404, "NOT_FOUND", PROBLEM_HEADERS));
        var told = with(PROBLEM_HEADERS, "allow", "GET, POST");
        accepted(problem("DELETE", "/db-migrate", 405, "METHOD_NOT_ALLOWED", told));
        refused(
                "header Allow is missing",
                problem("DELETE", "/db-migrate", 405, "METHOD_NOT_ALLOWED", PROBLEM_HEADERS));
        refused("no status 200", answer("GET", "/other", 200, JSON_HEADERS, "{}"));
    }

    @Test
    void messageOfApiGatewayConformsWhereItIsDocumented() {
        var gateway = Map.of("content-type", "application/json");
        String message = "{\"message\":\"Service Unavailable\"}";
        accepted(answer("GET", PROCESS, 503, gateway, message));
        refused("no content of type", answer("GET", PROCESS, 404, gateway, message));
    }

    @Test
    void missingMemberIsRefused() {
        refused("'requestedBy'", show(without("\"requestedBy\": null, ")));
        refused("'hint'", show(without("\"hint\": null, ")));
    }

    @Test
    void unknownMemberIsRefused() {
        refused("'owner'", show(replaced("\"attempt\"", "\"owner\": null, \"attempt\"")));
    }

    @Test
    void wrongTypeIsRefused() {
        refused("/attempt", show(replaced("\"attempt\": 1", "\"attempt\": \"1\"")));
        refused("/error/line", show(replaced("\"line\": 1", "\"line\": 0")));
        refused("/startedAt", show(replaced("04:13.267Z", "04:13Z")));
        refused("/processId", show(replaced("\"processId\": \"", "\"processId\": \"x")));
    }

    @Test
    void unknownCodeOfAFailureIsRefused() {
        refused("/error/code", show(replaced("SQL_FAILED", "BAD_LUCK")));
    }

    @Test
    void codeOfAnotherStatusIsRefused() {
        refused("/code", problem("GET", PROCESS, 404, "BAD_LUCK", PROBLEM_HEADERS));
        refused("/code", problem("GET", PROCESS, 404, "BAD_REQUEST", PROBLEM_HEADERS));
    }

    @Test
    void undocumentedStatusIsRefused() {
        refused("no status 201", posted(201, with(JSON_HEADERS, "location", PROCESS)));
        refused("no status 409", problem("GET", PROCESS, 409, "PROCESS_ENDED", PROBLEM_HEADERS));
    }

    @Test
    void wrongContentTypeIsRefused() {
        refused(
                "no content of type text/plain",
                answer(
                        "GET",
                        PROCESS,
                        200,
                        with(JSON_HEADERS, "content-type", "text/plain"),
                        ENDED));
        refused(
                "no content of type " + PROBLEM,
                answer("GET", PROCESS, 200, PROBLEM_HEADERS, ENDED));
    }

    @Test
    void headerThatIsMissingWrongOrUndocumentedIsRefused() {
        refused("header Location is missing", posted(200, JSON_HEADERS));
        refused("header Location", posted(200, with(JSON_HEADERS, "location", "/health")));
        refused(
                "header Retry-After is missing",
                posted(202, with(JSON_HEADERS, "location", PROCESS)));
        refused(
                "header Retry-After",
                posted(202, with(JSON_HEADERS, "location", PROCESS, "retry-after", "soon")));
        refused(
                "no header allow",
                answer("GET", PROCESS, 200, with(JSON_HEADERS, "allow", "GET"), ENDED));
    }

    private static Answered show(String body) {
        return answer("GET", PROCESS, 200, JSON_HEADERS, body);
    }

    private static Answered posted(int status, Map<String, String> headers) {
        return answer("POST", "/db-migrate", status, headers, ENDED);
    }

    private static Answered problem(
            String method, String path, int status, String code, Map<String, String> headers) {
        String body =
                """
                {"type": "urn:db-migrate:problem:some", "title": "t", "status": %d, "detail": "d",
                 "code": "%s", "requestId": "r", "errors": []}
                """
                        .formatted(status, code);
        return answer(method, path, status, headers, body);
    }

    private static Answered answer(
            String method, String path, int status, Map<String, String> headers, String body) {
        var lists = new HashMap<String, List<String>>();
        headers.forEach((name, value) -> lists.put(name, List.of(value)));
        return new Answered(
                method, path, status, HttpHeaders.of(lists, (name, value) -> true), body);
    }

    private static Map<String, String> with(Map<String, String> headers, String... more) {
        var all = new HashMap<>(headers);
        for (int i = 0; i < more.length; i += 2) {
            all.put(more[i], more[i + 1]);
        }
        return all;
    }

    private static String without(String text) {
        return replaced(text, "");
    }

    private static String replaced(String text, String other) {
        assertTrue(ENDED.contains(text), text);
        return ENDED.replace(text, other);
    }

    private static void accepted(Answered answer) {
        assertDoesNotThrow(() -> DocumentedApi.requireConforming(answer));
    }

    private static void refused(String because, Answered answer) {
        var error =
                assertThrows(AssertionError.class, () -> DocumentedApi.requireConforming(answer));
        // What the answer itself says follows behind the reasons.
        String reasons = String.valueOf(error.getMessage()).replace(answer.body(), "");
        assertTrue(reasons.contains(because), error::getMessage);
    }
}
