package dbmigrate.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Events as AWS documents them for HTTP APIs, payload format 2.0. */
class HttpRequestTest {
    @Test
    void eventOfAStageWithAnEncodedBodyIsReadWhole() throws IOException {
        HttpRequest request = HttpRequest.of(HttpEvent.read(fixture("post.json")));
        assertEquals("POST", request.method());
        assertEquals("/db-migrate", request.path());
        assertEquals("{\"target\": \"4\"}", request.body());
        assertEquals("arn:aws:iam::123456789012:user/ci", request.identity());
        assertEquals("request-id", request.requestId());
    }

    @Test
    void headersAreFoundInAnyCase() throws IOException {
        HttpRequest request = HttpRequest.of(HttpEvent.read(fixture("post.json")));
        assertEquals(Optional.of("release-42"), request.header("idempotency-key"));
        assertEquals(Optional.of("application/json"), request.header("CONTENT-TYPE"));
    }

    @Test
    void missingBodyIsAnEmptyOneAndMissingAuthoriserNobody() throws IOException {
        HttpRequest request = request("{\"rawPath\": \"/health\", \"requestContext\": {}}");
        assertEquals("", request.body());
        assertEquals(HttpRequest.NOBODY, request.identity());
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

    private static HttpRequest request(String event) throws IOException {
        return HttpRequest.of(
                HttpEvent.read(new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8))));
    }

    private static InputStream fixture(String name) {
        return Objects.requireNonNull(
                HttpRequestTest.class.getResourceAsStream("/events/" + name), name);
    }
}
