package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GatewayRequestTest {
    private static final Template.Route DEFAULT = new Template.Route("$default", "F", true);
    private static final Template.Route HEALTH = new Template.Route("GET /health", "F", false);
    private static final JsonMapper JSON = new JsonMapper();
    private static final Instant NOW = Instant.parse("2026-11-22T10:11:12.345Z");

    @Test
    void eventHasTheShapeOfPayloadFormatTwo() throws IOException {
        var event =
                event(
                        "POST",
                        "/db-migrate?a=1&b=x%20y&a=2",
                        Map.of(
                                "Content-Type", List.of("application/json"),
                                "Host", List.of("127.0.0.1:3000"),
                                "User-Agent", List.of("curl"),
                                "X-Two", List.of("1", "2"),
                                "Cookie", List.of("a=b; c=d")),
                        "{}");
        var expected =
                """
                {"version": "2.0", "routeKey": "$default", "rawPath": "/db-migrate",
                 "rawQueryString": "a=1&b=x%20y&a=2", "cookies": ["a=b", "c=d"],
                 "headers": {"content-type": "application/json", "host": "127.0.0.1:3000", "user-agent": "curl",
                   "x-two": "1,2", "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http"},
                 "queryStringParameters": {"a": "1,2", "b": "x y"},
                 "requestContext": {"accountId": "000000000000", "apiId": "local",
                   "authorizer": {"lambda": {"identity": "key:ci"}},
                   "domainName": "127.0.0.1:3000", "domainPrefix": "local",
                   "http": {"method": "POST", "path": "/db-migrate", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                     "userAgent": "curl"},
                   "requestId": "id", "routeKey": "$default", "stage": "$default",
                   "time": "22/Nov/2026:10:11:12 +0000", "timeEpoch": 1795342272345},
                 "body": "{}", "isBase64Encoded": false}
                """;
        assertEquals(JSON.readTree(expected), event);
    }

    @Test
    void eventOfAnAuthoriserHasTheShapeOfPayloadFormatTwoAndNoBody() throws IOException {
        var request =
                new GatewayRequest(
                        "POST",
                        URI.create("/db-migrate?a=1"),
                        Map.of("X-Api-Key", List.of("KEY"), "Host", List.of("127.0.0.1:3000")),
                        "127.0.0.1",
                        "{}".getBytes(StandardCharsets.UTF_8));
        var expected =
                """
                {"version": "2.0", "type": "REQUEST",
                 "routeArn": "arn:aws:execute-api:us-east-1:000000000000:local/$default/POST/db-migrate",
                 "identitySource": ["KEY"], "routeKey": "$default", "rawPath": "/db-migrate", "rawQueryString": "a=1",
                 "headers": {"host": "127.0.0.1:3000", "x-api-key": "KEY", "x-forwarded-for": "127.0.0.1",
                   "x-forwarded-proto": "http"},
                 "queryStringParameters": {"a": "1"},
                 "requestContext": {"accountId": "000000000000", "apiId": "local",
                   "domainName": "127.0.0.1:3000", "domainPrefix": "local",
                   "http": {"method": "POST", "path": "/db-migrate", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                     "userAgent": ""},
                   "requestId": "id", "routeKey": "$default", "stage": "$default",
                   "time": "22/Nov/2026:10:11:12 +0000", "timeEpoch": 1795342272345}}
                """;
        var event = new GatewayEvent(request, DEFAULT, "id", NOW).forAuthorizer("KEY");
        assertEquals(JSON.readTree(expected), JSON.readTree(event));
    }

    @Test
    void pathIsDecoded() throws IOException {
        assertEquals("/a b", event("GET", "/a%20b", Map.of(), "").get("rawPath").textValue());
    }

    @Test
    void missingBodyIsNoMember() throws IOException {
        var event = event("GET", "/", Map.of(), "");
        assertFalse(event.has("body"));
        assertFalse(event.get("isBase64Encoded").booleanValue());
        assertNull(event.get("queryStringParameters"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json; charset=utf-8",
                "TEXT/PLAIN",
                "application/xml",
                "application/javascript"
            })
    void textTravelsAsItIs(String type) throws IOException {
        var event = event("POST", "/", Map.of("content-type", List.of(type)), "é");
        assertEquals("é", event.get("body").textValue());
        assertFalse(event.get("isBase64Encoded").booleanValue());
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/x-www-form-urlencoded", "application/octet-stream", ""})
    void allElseTravelsAsBase64(String type) throws IOException {
        var event = event("POST", "/", Map.of("content-type", List.of(type)), "{}");
        assertEquals("e30=", event.get("body").textValue());
        assertTrue(event.get("isBase64Encoded").booleanValue());
    }

    @Test
    void literalRouteGoesBeforeTheDefaultOne() {
        var routes = List.of(DEFAULT, HEALTH);
        assertEquals(HEALTH, request("GET", "/health").route(routes).orElseThrow());
        assertEquals(DEFAULT, request("POST", "/health").route(routes).orElseThrow());
        assertTrue(request("POST", "/health").route(List.of(HEALTH)).isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /HEALTH",
        "get, /health",
        "GET, /health/",
        "GET, //health",
        "GET, /health/../db-migrate",
        "GET, /health%2F..%2Fdb-migrate",
        "GET, /health;/db-migrate",
        "HEAD, /health"
    })
    void whatOnlyResemblesAnOpenRouteIsNotOpen(String method, String target) {
        assertEquals(
                DEFAULT, request(method, target).route(List.of(DEFAULT, HEALTH)).orElseThrow());
    }

    private static GatewayRequest request(String method, String target) {
        return new GatewayRequest(method, URI.create(target), Map.of(), "127.0.0.1", new byte[0]);
    }

    private static JsonNode event(
            String method, String target, Map<String, List<String>> headers, String body)
            throws IOException {
        var request =
                new GatewayRequest(
                        method,
                        URI.create(target),
                        headers,
                        "127.0.0.1",
                        body.getBytes(StandardCharsets.UTF_8));
        var identity =
                Map.<String, JsonNode>of("lambda", JSON.readTree("{\"identity\":\"key:ci\"}"));
        return JSON.readTree(
                new GatewayEvent(request, DEFAULT, "id", NOW).forIntegration(identity));
    }
}
