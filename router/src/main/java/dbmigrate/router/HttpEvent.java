package dbmigrate.router;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent.RequestContext;
import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Reads API Gateway's HTTP API event, payload format 2.0, as far as the router needs it. */
final class HttpEvent {
    /** The time at which a request arrived, where the event does not tell it. */
    static final long UNKNOWN = 0;

    private HttpEvent() {}

    /**
     * Reads an event.
     *
     * @throws IllegalArgumentException when the input is no JSON: whoever invoked the function was
     *     not API Gateway
     */
    static APIGatewayV2HTTPEvent read(InputStream input) throws IOException {
        try {
            JsonObject event = JsonObject.of(Json.read(input));
            return APIGatewayV2HTTPEvent.builder()
                    .withRouteKey(event.string("routeKey").orElse(""))
                    .withRawPath(event.string("rawPath").orElse(""))
                    .withRawQueryString(event.string("rawQueryString").orElse(""))
                    .withHeaders(event.object("headers").strings())
                    .withBody(event.string("body").orElse(null))
                    .withIsBase64Encoded(event.isTrue("isBase64Encoded"))
                    .withRequestContext(context(event.object("requestContext")))
                    .build();
        } catch (MalformedJsonException e) {
            throw new IllegalArgumentException("the event is no JSON", e);
        }
    }

    private static RequestContext context(JsonObject context) {
        return RequestContext.builder()
                .withStage(context.string("stage").orElse("$default"))
                .withTimeEpoch(context.number("timeEpoch").orElse(UNKNOWN))
                .withRequestId(context.string("requestId").orElse(""))
                .withHttp(
                        RequestContext.Http.builder()
                                .withMethod(context.object("http").string("method").orElse(""))
                                .build())
                .withAuthorizer(authorizer(context.object("authorizer")))
                .build();
    }

    private static RequestContext.Authorizer authorizer(JsonObject authorizer) {
        Map<String, Object> lambda = new HashMap<>(authorizer.object("lambda").strings());
        return RequestContext.Authorizer.builder()
                .withIam(
                        RequestContext.IAM
                                .builder()
                                .withUserArn(
                                        authorizer.object("iam").string("userArn").orElse(null))
                                .build())
                .withJwt(
                        RequestContext.Authorizer.JWT
                                .builder()
                                .withClaims(claims(authorizer.object("jwt").object("claims")))
                                .build())
                .withLambda(lambda)
                .build();
    }

    /**
     * API Gateway hands claims over as texts, a list as {@code [a b]}. One that should come as it
     * stands in the token reads the same, so that none is taken for absent.
     */
    private static Map<String, String> claims(JsonObject claims) {
        Map<String, String> texts = new HashMap<>();
        claims.members()
                .forEach((name, value) -> {
                    if (value instanceof List<?> list) {
                        texts.put(
                                name,
                                list.stream()
                                        .map(String::valueOf)
                                        .collect(Collectors.joining(" ", "[", "]")));
                    } else if (value != null) {
                        texts.put(name, value.toString());
                    }
                });
        return texts;
    }
}
