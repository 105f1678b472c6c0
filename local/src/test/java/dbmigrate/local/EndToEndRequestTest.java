package dbmigrate.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dbmigrate.testing.TestPostgres;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a caller may ask for, and what each wrong request gets. */
@Tag("database")
class EndToEndRequestTest {
    private static final String SOME_PROCESS = "/db-migrate/01a205df-1485-7058-b47e-447540aa3d3f";
    private static final List<String> PROBLEM =
            List.of("type", "title", "status", "detail", "code", "requestId", "errors");

    @TempDir static Path folder;
    private static RunningSystem system;

    @BeforeAll
    static void start() {
        new MigrationFolder(folder).with("V1__one.sql", "create table one ();");
        system =
                RunningSystem.start(
                        folder,
                        Map.of(
                                "ALLOWED_DATABASES", "e2e_*, template*, rds*, postgres, db_*",
                                "ALLOWED_PLACEHOLDERS", "tenant"));
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    /** A wrong request, and the status and code that it gets. */
    record Wrong(
            String name,
            String method,
            String path,
            byte[] body,
            List<String> headers,
            int status,
            String code) {
        static Wrong body(String body, int status, String code) {
            return new Wrong(
                    body,
                    "POST",
                    "/db-migrate",
                    body.getBytes(UTF_8),
                    List.of("Content-Type", "application/json"),
                    status,
                    code);
        }

        static Wrong route(String method, String path, int status, String code) {
            return new Wrong(
                    method + " " + path, method, path, new byte[0], List.of(), status, code);
        }

        static Wrong typed(String type, int status, String code) {
            return body("{}", status, code).as("Content-Type: " + type).with("Content-Type", type);
        }

        static Wrong key(String name, String key) {
            return body("{}", 400, "BAD_REQUEST")
                    .as("Idempotency-Key: " + name)
                    .with("Content-Type", "application/json", "Idempotency-Key", key);
        }

        Wrong as(String other) {
            return new Wrong(other, method, path, body, headers, status, code);
        }

        Wrong with(String... others) {
            return new Wrong(name, method, path, body, List.of(others), status, code);
        }

        @Override
        public String toString() {
            return "%s -> %d %s".formatted(name, status, code);
        }
    }

    static Stream<Wrong> wrongRequests() {
        return Stream.of(noJson(), wrongMembers(), notAllowed(), wrongHeaders(), wrongRoutes())
                .flatMap(wrong -> wrong);
    }

    private static Stream<Wrong> noJson() {
        String deep = "[".repeat(2000);
        String digits = "1".repeat(2000);
        byte[] latin1 = {'{', '"', (byte) 0xe9, '"', ':', '1', '}'};
        var notUtf8 = Wrong.body("{}", 400, "BAD_REQUEST").as("a body in ISO 8859-1");
        return Stream.concat(
                Stream.of(
                                "{\"command\":",
                                "migrate",
                                "[]",
                                "\"migrate\"",
                                "1",
                                "null",
                                "{}{}",
                                "{'command':'migrate'}",
                                "{\"outOfOrder\":NaN}",
                                "{/* now */}",
                                "{\"target\":\"1\",\"target\":\"2\"}",
                                "{\"placeholders\":{\"tenant\":\"a\",\"tenant\":\"b\"}}")
                        .map(body -> Wrong.body(body, 400, "BAD_REQUEST")),
                Stream.of(
                        Wrong.body("{\"target\":" + deep, 400, "BAD_REQUEST")
                                .as("2,000 nested arrays"),
                        Wrong.body("{\"target\":" + digits + "}", 400, "BAD_REQUEST")
                                .as("a number of 2,000 digits"),
                        new Wrong(
                                notUtf8.name,
                                "POST",
                                "/db-migrate",
                                latin1,
                                notUtf8.headers,
                                400,
                                "BAD_REQUEST")));
    }

    private static Stream<Wrong> wrongMembers() {
        String text201 = "x".repeat(201);
        return Stream.of(
                        "{\"databse\":\"e2e_x\"}",
                        "{\"Command\":\"migrate\"}",
                        "{\"baselineVersion\":\"1\"}",
                        "{\"command\":\"drop\"}",
                        "{\"command\":\"\"}",
                        "{\"command\":1}",
                        "{\"command\":\"info\",\"baselineVersion\":\"1\"}",
                        "{\"command\":\"validate\",\"baselineDescription\":\"x\"}",
                        "{\"command\":\"repair\",\"target\":\"1\"}",
                        "{\"command\":\"baseline\",\"outOfOrder\":true}",
                        "{\"command\":\"baseline\",\"baselineVersion\":\"latest\"}",
                        "{\"command\":\"baseline\",\"baselineDescription\":\"\"}",
                        "{\"command\":\"rehearse\",\"on\":\"both\"}",
                        "{\"command\":\"migrate\",\"on\":\"copy\"}",
                        "{\"command\":\"rehearse\",\"statistics\":true}",
                        "{\"command\":\"clean\"}",
                        "{\"database\":\"\"}",
                        "{\"database\":7}",
                        "{\"database\":[\"e2e_x\"]}",
                        "{\"database\":\"e2e_\\u0000\"}",
                        "{\"database\":\"e2e_" + "é".repeat(30) + "\"}",
                        "{\"target\":4}",
                        "{\"target\":\"\"}",
                        "{\"target\":\"four\"}",
                        "{\"target\":\"current\"}",
                        "{\"target\":\"1; drop table one\"}",
                        "{\"target\":\"" + "1".repeat(101) + "\"}",
                        "{\"outOfOrder\":\"true\"}",
                        "{\"outOfOrder\":1}",
                        "{\"placeholders\":[]}",
                        "{\"placeholders\":\"tenant=a\"}",
                        "{\"placeholders\":{\"tenant\":1}}",
                        "{\"placeholders\":{\"tenant\":null}}",
                        "{\"placeholders\":{\"tenant\":\"a'; create role x\"}}",
                        "{\"placeholders\":{\"tenant\":\"" + "a".repeat(129) + "\"}}",
                        "{\"placeholders\":{\"tenant\":\"ä\"}}",
                        "{\"requestedBy\":1}",
                        "{\"requestedBy\":\"" + text201 + "\"}",
                        "{\"requestedBy\":\"a\\u0000b\"}",
                        "{\"requestedBy\":\"a\\nb\"}",
                        "{\"requestedBy\":\"\\ud800\"}")
                .map(body -> Wrong.body(body, 422, "INVALID_REQUEST"));
    }

    private static Stream<Wrong> notAllowed() {
        return Stream.concat(
                Stream.of(
                                "other",
                                "E2E_X",
                                "xe2e_x",
                                "postgres",
                                "template0",
                                "template1",
                                "rdsadmin",
                                "db_migrate")
                        .map(name -> "{\"database\":\"%s\"}".formatted(name))
                        .map(body -> Wrong.body(body, 403, "DATABASE_NOT_ALLOWED")),
                Stream.of(
                        Wrong.body(
                                "{\"placeholders\":{\"other\":\"a\"}}",
                                403,
                                "PLACEHOLDER_NOT_ALLOWED"),
                        Wrong.body(
                                "{\"placeholders\":{\"Tenant\":\"a\"}}",
                                403,
                                "PLACEHOLDER_NOT_ALLOWED")));
    }

    private static Stream<Wrong> wrongHeaders() {
        String large = "{\"requestedBy\":\"%s\"}".formatted("x".repeat(64 * 1024));
        return Stream.of(
                Wrong.typed("text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"),
                Wrong.typed("application/x-www-form-urlencoded", 415, "UNSUPPORTED_MEDIA_TYPE"),
                Wrong.typed("application/jsonp", 415, "UNSUPPORTED_MEDIA_TYPE"),
                Wrong.typed("multipart/form-data; boundary=x", 415, "UNSUPPORTED_MEDIA_TYPE"),
                Wrong.body(large, 413, "BODY_TOO_LARGE").as("a body over 64 KiB"),
                Wrong.body(large, 413, "BODY_TOO_LARGE")
                        .as("a body over 64 KiB, sent as base64")
                        .with("Content-Type", "application/vnd.example+json"),
                Wrong.key("(empty)", ""),
                Wrong.key("256 characters", "k".repeat(256)));
    }

    private static Stream<Wrong> wrongRoutes() {
        String notFound = "NOT_FOUND";
        String notAllowed = "METHOD_NOT_ALLOWED";
        return Stream.of(
                Wrong.route("GET", "/", 404, notFound),
                Wrong.route("POST", "/db-migrate/", 404, notFound),
                Wrong.route("POST", "/DB-MIGRATE", 404, notFound),
                Wrong.route("POST", "/db-migrate;a=b", 404, notFound),
                Wrong.route("POST", "/db-migrate%00", 404, notFound),
                Wrong.route("POST", "/prod/db-migrate", 404, notFound),
                Wrong.route("GET", "/health/", 404, notFound),
                Wrong.route("GET", "/db-migrate/../../etc/passwd", 404, notFound),
                Wrong.route("POST", SOME_PROCESS + "/cancel", 404, notFound),
                Wrong.route("GET", SOME_PROCESS + "/events", 404, notFound),
                Wrong.route("GET", SOME_PROCESS + "%2fevents", 404, notFound),
                Wrong.route("GET", SOME_PROCESS, 404, notFound),
                Wrong.route("GET", "/db-migrate/no-uuid", 400, "BAD_REQUEST"),
                Wrong.route("GET", "/db-migrate/1-1-1-1-1", 400, "BAD_REQUEST"),
                Wrong.route("GET", "/db-migrate/%2e%2e", 400, "BAD_REQUEST"),
                Wrong.route("GET", SOME_PROCESS + "'%20or%201=1", 400, "BAD_REQUEST"),
                Wrong.route("GET", "/db-migrate?limit=x", 400, "BAD_REQUEST"),
                Wrong.route("GET", "/db-migrate/no-uuid/events", 400, "BAD_REQUEST"),
                Wrong.route("POST", SOME_PROCESS + "/events", 405, notAllowed),
                Wrong.route("GET", SOME_PROCESS + "/cancel", 405, notAllowed),
                Wrong.route("PUT", "/db-migrate", 405, notAllowed),
                Wrong.route("DELETE", "/db-migrate", 405, notAllowed),
                Wrong.route("OPTIONS", "/db-migrate", 405, notAllowed),
                Wrong.route("POST", SOME_PROCESS, 405, notAllowed),
                Wrong.route("DELETE", SOME_PROCESS, 405, notAllowed),
                Wrong.route("POST", "/health", 405, notAllowed));
    }

    @ParameterizedTest
    @MethodSource("wrongRequests")
    void wrongRequestIsAnsweredWithAProblemAndLeavesNothing(Wrong wrong) {
        int before = system.rows().size();
        var answer =
                system.send(
                        wrong.method, wrong.path, wrong.body, wrong.headers.toArray(String[]::new));
        assertEquals(wrong.status, answer.status(), answer::toString);
        assertEquals("application/problem+json", answer.header("content-type").orElseThrow());
        var problem = answer.json();
        assertEquals(PROBLEM, problem.propertyStream().map(Map.Entry::getKey).toList());
        assertEquals(wrong.code, problem.at("/code").asText(), answer::toString);
        assertEquals(wrong.status, problem.at("/status").asInt());
        for (String member : List.of("type", "title", "detail", "requestId")) {
            assertFalse(problem.required(member).asText().isBlank(), member);
        }
        assertEquals(
                wrong.status == 422 || wrong.status == 403,
                !problem.at("/errors").isEmpty(),
                answer::toString);
        assertEquals(wrong.status == 405, answer.header("allow").isPresent(), answer::toString);
        assertEquals(before, system.rows().size());
    }

    /** Bytes that the JDK's client would not send. */
    @ParameterizedTest
    @ValueSource(ints = {0x01, 0x7f, 0xe9})
    void keyThatIsNotPrintableIsRefused(int character) throws Exception {
        int before = system.rows().size();
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), system.port())) {
            String request =
                    """
                    POST /db-migrate HTTP/1.1
                    Host: localhost
                    Connection: close
                    Content-Length: 0
                    Idempotency-Key: a%cb

                    """;
            socket.getOutputStream()
                    .write(request.formatted(character).replace("\n", "\r\n").getBytes(ISO_8859_1));
            String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
            assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
            assertTrue(answer.contains("\"code\":\"BAD_REQUEST\""), answer);
        }
        assertEquals(before, system.rows().size());
    }

    @Test
    void everyWrongMemberIsListedWithItsPointer() {
        var answer =
                system.post(
                        """
                        {"outOfOrder": "yes", "target": 4, "a/b~c": 1, "database": "other",
                         "placeholders": {"x/y": "'"}, "requestedBy": "\\u0007"}
                        """);
        assertEquals(422, answer.status());
        assertEquals(
                Stream.of(
                                "/a~1b~0c",
                                "/outOfOrder",
                                "/placeholders/x~1y",
                                "/requestedBy",
                                "/target")
                        .toList(),
                answer.json()
                        .at("/errors")
                        .valueStream()
                        .map(e -> e.required("pointer").asText())
                        .sorted()
                        .toList());
    }

    @Test
    void methodThatARouteDoesNotTakeIsToldWhichItTakes() {
        assertEquals("GET, POST", allowed("/db-migrate"));
        assertEquals("GET", allowed(SOME_PROCESS));
        assertEquals("GET", allowed(SOME_PROCESS + "/events"));
        assertEquals("POST", allowed(SOME_PROCESS + "/cancel"));
        assertEquals("GET", allowed("/health"));
    }

    private static String allowed(String path) {
        var answer = system.send("DELETE", path, new byte[0]);
        assertEquals(405, answer.status(), answer::toString);
        return answer.header("allow").orElseThrow();
    }

    @Test
    void healthIsOkAndSaysNothingMore() {
        var answer = system.get("/health");
        assertEquals(200, answer.status());
        assertEquals("{\"status\":\"ok\"}", answer.text());
    }

    @Test
    void processesOfAnotherStackAreUnknown() {
        String id = system.accepted(RunningSystem.newDatabase());
        JsonNode process = system.completed(id);
        String stack = "another_stack";
        TestPostgres.shared()
                .execute(
                        "postgres",
                        "update db_migrate.process set stack = '%s' where id = '%s'"
                                .formatted(stack, id));
        assertEquals(404, system.get("/db-migrate/" + process.at("/processId").asText()).status());
    }
}
