package dbmigrate.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Events as AWS documents them for HTTP APIs, payload format 2.0. */
class HttpRequestTest {
    private static final Instant NOW = Instant.parse("2026-03-12T19:04:00Z");
    private static final Duration REMAINING = Duration.ofSeconds(30);

    @Test
    void eventOfAStageWithAnEncodedBodyIsReadWhole() throws IOException {
        HttpRequest request =
                HttpRequest.of(HttpEvent.read(fixture("post.json")), Caller.NOBODY, NOW, REMAINING);
        assertEquals("POST", request.method());
        assertEquals("/db-migrate", request.path());
        assertEquals("{\"target\": \"4\"}", request.body());
        assertEquals("request-id", request.requestId());
        assertEquals("a=1&a=2", request.query());
    }

    @Test
    void headersAreFoundInAnyCase() throws IOException {
        HttpRequest request =
                HttpRequest.of(HttpEvent.read(fixture("post.json")), Caller.NOBODY, NOW, REMAINING);
        assertEquals(Optional.of("release-42"), request.header("idempotency-key"));
        assertEquals(Optional.of("application/json"), request.header("CONTENT-TYPE"));
    }

    @Test
    void missingBodyIsAnEmptyOne() throws IOException {
        HttpRequest request = request("{\"rawPath\": \"/health\", \"requestContext\": {}}");
        assertEquals("", request.body());
    }

    @ParameterizedTest
    @CsvSource({
        "$default, /db-migrate, /db-migrate",
        "prod, /prod/db-migrate, /db-migrate",
        "prod, /db-migrate, /db-migrate",
        "db, /db-migrate, /db-migrate",
        "prod, /production/db-migrate, /production/db-migrate",
    })
    void stageBeforeThePathIsTakenAway(String stage, String rawPath, String path)
            throws IOException {
        HttpRequest request =
                request(
                        "{\"rawPath\": \"%s\", \"requestContext\": {\"stage\": \"%s\"}}"
                                .formatted(rawPath, stage));
        assertEquals(path, request.path());
    }

    @ParameterizedTest
    @CsvSource({
        "/w==, 400", // the byte ff, which no UTF-8 has
        "%%%, 400",
    })
    void bodyThatIsNoTextIsTheCallersMistake(String base64, int status) {
        ProblemException problem =
                assertThrows(
                        ProblemException.class,
                        () ->
                                request(
                                        "{\"body\": \"%s\", \"isBase64Encoded\": true}"
                                                .formatted(base64)));
        assertEquals(status, problem.problem().status());
    }

    @Test
    void bodyOverTheLimitIsRefused() {
        ProblemException problem =
                assertThrows(
                        ProblemException.class,
                        () -> request("{\"body\": \"" + "x".repeat(65_537) + "\"}"));
        assertEquals(413, problem.problem().status());
    }

    /** The times of arrival, as API Gateway tells them, in relation to now. */
    @ParameterizedTest
    @CsvSource({
        "2026-03-12T19:03:58Z, 30, 2026-03-12T19:04:26Z", // arrived 2 s ago
        "2026-03-12T19:03:58Z, 10, 2026-03-12T19:04:08Z", // Lambda ends the function sooner
        "2026-03-12T19:04:01Z, 30, 2026-03-12T19:04:28Z", // a clock that is ahead
        "1970-01-01T00:00:00Z, 40, 2026-03-12T19:04:28Z", // not told
    })
    void answerLeavesInTime(Instant arrival, int remaining, Instant answerBy) throws IOException {
        String event =
                "{\"requestContext\": {\"timeEpoch\": %d}}".formatted(arrival.toEpochMilli());
        HttpRequest request =
                HttpRequest.of(
                        HttpEvent.read(
                                new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8))),
                        Caller.NOBODY,
                        NOW,
                        Duration.ofSeconds(remaining));
        assertEquals(answerBy, request.answerBy());
    }

    private static HttpRequest request(String event) throws IOException {
        return HttpRequest.of(
                HttpEvent.read(new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8))),
                Caller.NOBODY,
                NOW,
                REMAINING);
    }

    private static InputStream fixture(String name) {
        return Objects.requireNonNull(
                HttpRequestTest.class.getResourceAsStream("/events/" + name), name);
    }
}
