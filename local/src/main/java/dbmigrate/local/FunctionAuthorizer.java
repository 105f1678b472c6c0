package dbmigrate.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * API Gateway's Lambda authoriser for HTTP APIs: payload format 2.0, simple responses, nothing
 * cached. A request without the header that the identity is in never reaches the function.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html">
 *     Lambda authorizers</a>
 */
final class FunctionAuthorizer implements Authorizer {
    private static final String NAME = "ApiKeyAuthorizerFunction";
    private static final JsonMapper JSON = new JsonMapper();
    private static final String IDENTITY_SOURCE = "x-api-key";

    /** API Gateway's own limit for an authoriser. */
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final FunctionPool function;

    private FunctionAuthorizer(FunctionPool function) {
        this.function = function;
    }

    /** The one that asks the authoriser among these functions, which the template names so. */
    static FunctionAuthorizer of(Map<String, FunctionPool> functions) {
        return new FunctionAuthorizer(
                Optional.ofNullable(functions.get(NAME))
                        .orElseThrow(() ->
                                new LocalException("No function is called %s.".formatted(NAME))));
    }

    @Override
    public Verdict judge(GatewayRequest request, Template.Route route, Instant now)
            throws InterruptedException {
        String source = String.join(",", request.values(IDENTITY_SOURCE));
        if (source.isEmpty()) {
            return refused(401, "Unauthorized");
        }
        byte[] event = GatewayEvent.of(request, route, now).forAuthorizer(source);
        return switch (function.invoke(event, LIMIT)) {
            case Outcome.Answered(var payload) -> read(payload);
            case Outcome.Failed _, Outcome.Throttled _ -> refused(500, "Internal Server Error");
        };
    }

    private static Verdict read(byte[] payload) {
        try {
            JsonNode answer = JSON.readTree(payload);
            JsonNode isAuthorized = answer.path("isAuthorized");
            if (!isAuthorized.isBoolean()) {
                return refused(500, "Internal Server Error");
            }
            return isAuthorized.booleanValue()
                    ? new Verdict.Admitted(Map.of("lambda", answer.path("context")))
                    : refused(403, "Forbidden");
        } catch (IOException e) {
            return refused(500, "Internal Server Error");
        }
    }

    private static Verdict refused(int status, String message) {
        return new Verdict.Refused(GatewayAnswer.message(status, message));
    }
}
