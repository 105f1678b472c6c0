package dbmigrate.router;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent.RequestContext;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A request as the router's code sees it.
 *
 * @param method in upper case
 * @param path without the stage's prefix
 * @param query as it came, percent-encoded
 * @param headers by name in any case
 * @param body decoded; empty text when there is none
 * @param caller who asks, as the authoriser proved it
 * @param answerBy when the answer has to be on its way at the latest
 */
record HttpRequest(
        String method,
        String path,
        String query,
        Map<String, String> headers,
        String body,
        Caller caller,
        String requestId,
        Instant answerBy) {
    /** Bodies are small: 64 KiB, as the contract says. */
    private static final int LARGEST_BODY = 64 * 1024;

    /** API Gateway gives up after 30 s, counted from the arrival of the request. */
    private static final Duration LONGEST_ANSWER = Duration.ofSeconds(28);

    /** What is left to send the answer before Lambda ends the function. */
    private static final Duration MARGIN = Duration.ofSeconds(2);

    HttpRequest {
        Map<String, String> anyCase = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        anyCase.putAll(headers);
        headers = anyCase;
    }

    /**
     * Makes a request of an event.
     *
     * @param caller who was admitted
     * @param remaining how long Lambda lets the function run from now on
     * @throws ProblemException 413 for a body that is too large, 400 for one that is no text
     */
    static HttpRequest of(
            APIGatewayV2HTTPEvent event, Caller caller, Instant now, Duration remaining) {
        RequestContext context = event.getRequestContext();
        return new HttpRequest(
                context.getHttp().getMethod().toUpperCase(Locale.ROOT),
                path(event),
                event.getRawQueryString(),
                event.getHeaders(),
                body(event),
                caller,
                context.getRequestId(),
                answerBy(context.getTimeEpoch(), now, remaining));
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /** Another machine's clock may be ahead: nothing arrives in the future. */
    private static Instant answerBy(long timeEpoch, Instant now, Duration remaining) {
        Instant told = Instant.ofEpochMilli(timeEpoch);
        boolean known = timeEpoch != HttpEvent.UNKNOWN && told.isBefore(now);
        Instant gateway = (known ? told : now).plus(LONGEST_ANSWER);
        Instant lambda = now.plus(remaining).minus(MARGIN);
        return gateway.isBefore(lambda) ? gateway : lambda;
    }

    /** A stage that is not {@code $default} stands before the path. */
    static String path(APIGatewayV2HTTPEvent event) {
        String path = event.getRawPath();
        String prefix = "/" + event.getRequestContext().getStage();
        return path.startsWith(prefix + "/") ? path.substring(prefix.length()) : path;
    }

    private static String body(APIGatewayV2HTTPEvent event) {
        if (event.getBody() == null) {
            return "";
        }
        byte[] bytes =
                event.getIsBase64Encoded()
                        ? decoded(event.getBody())
                        : event.getBody().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > LARGEST_BODY) {
            throw new ProblemException(Problem.tooLarge(LARGEST_BODY));
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new ProblemException(Problem.badRequest("the body is not UTF-8"));
        }
    }

    private static byte[] decoded(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(
                    Problem.badRequest("the body is not the base64 it is said to be"));
        }
    }
}
