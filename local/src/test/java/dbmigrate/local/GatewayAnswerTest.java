package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GatewayAnswerTest {
    @Test
    void statusHeadersCookiesAndBodyComeFromTheFunction() {
        var answer =
                answer(
                        """
                        {"statusCode": 202, "headers": {"Location": "/a", "Content-Type": "application/json"},
                         "cookies": ["a=b", "c=d"], "body": "e30=", "isBase64Encoded": true}
                        """);
        assertEquals(202, answer.status());
        assertEquals("{}", text(answer));
        assertEquals(
                "{content-type=[application/json], Location=[/a], set-cookie=[a=b, c=d]}",
                answer.headers().toString());
    }

    @Test
    void jsonWithoutStatusCodeIsTheBodyOfA200() {
        var answer = answer("[1]");
        assertEquals(200, answer.status());
        assertEquals("[1]", text(answer));
        assertEquals(List.of("application/json"), answer.headers().get("content-type"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no JSON",
                "{\"statusCode\":\"x\"}",
                "{\"statusCode\":99}",
                "{\"statusCode\":200,\"body\":\"*\",\"isBase64Encoded\":true}"
            })
    void answerThatIsNoneIsAnInternalServerError(String payload) {
        assertEquals(500, answer(payload).status());
    }

    @Test
    void failureAndThrottlingHaveApiGatewaysOwnAnswers() {
        var failed = GatewayAnswer.of(new Outcome.Failed("secret"));
        assertEquals(500, failed.status());
        assertEquals("{\"message\":\"Internal Server Error\"}", text(failed));
        var throttled = GatewayAnswer.of(new Outcome.Throttled());
        assertEquals(503, throttled.status());
        assertEquals("{\"message\":\"Service Unavailable\"}", text(throttled));
    }

    private static GatewayAnswer answer(String payload) {
        return GatewayAnswer.of(new Outcome.Answered(payload.getBytes(StandardCharsets.UTF_8)));
    }

    private static String text(GatewayAnswer answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }
}
