package dbmigrate.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A request as functions get it: the events of payload format 2.0.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html">
 *     Lambda proxy integrations</a>
 */
record GatewayEvent(GatewayRequest request, Template.Route route, String requestId, Instant now) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final DateTimeFormatter COMMON_LOG =
            DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    static GatewayEvent of(GatewayRequest request, Template.Route route, Instant now) {
        return new GatewayEvent(request, route, UUID.randomUUID().toString(), now);
    }

    /**
     * The event of the function behind the route.
     *
     * @param identity members of requestContext.authorizer, which is absent where there are none
     */
    byte[] forIntegration(Map<String, JsonNode> identity) {
        var event = JSON.createObjectNode().put("version", "2.0");
        common(event);
        if (!identity.isEmpty()) {
            ((ObjectNode) event.get("requestContext")).putObject("authorizer").setAll(identity);
        }
        body(event);
        return event.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The event of a Lambda authoriser, which sees no body. */
    byte[] forAuthorizer(String identitySource) {
        var event = JSON.createObjectNode().put("version", "2.0").put("type", "REQUEST");
        String arn =
                "arn:aws:execute-api:%s:%s:local/$default/%s%s"
                        .formatted(Arn.REGION, Arn.ACCOUNT, request.method(), request.path());
        event.put("routeArn", arn);
        event.putArray("identitySource").add(identitySource);
        common(event);
        return event.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void common(ObjectNode event) {
        event.put("routeKey", route.key()).put("rawPath", request.path());
        event.put("rawQueryString", Optional.ofNullable(request.target().getRawQuery()).orElse(""));
        var sent = request.headers();
        if (sent.containsKey("cookie")) {
            var cookies = event.putArray("cookies");
            request.values("cookie").stream()
                    .flatMap(line -> Stream.of(line.split(";")))
                    .forEach(cookie -> cookies.add(cookie.strip()));
        }
        var headers = event.putObject("headers");
        sent.forEach((name, values) -> headers.put(name, String.join(",", values)));
        headers.remove("cookie");
        headers.put("x-forwarded-for", request.sourceIp());
        headers.put("x-forwarded-proto", "http");
        query(event);
        context(event.putObject("requestContext"));
    }

    private void query(ObjectNode event) {
        String query = request.target().getRawQuery();
        if (query == null || query.isEmpty()) {
            return;
        }
        var parameters = event.putObject("queryStringParameters");
        for (String pair : query.split("&")) {
            String[] parts = pair.split("=", 2);
            String name = decoded(parts[0]);
            String value = parts.length == 2 ? decoded(parts[1]) : "";
            parameters.put(
                    name,
                    parameters.has(name) ? parameters.get(name).textValue() + "," + value : value);
        }
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    private void context(ObjectNode context) {
        context.put("accountId", Arn.ACCOUNT).put("apiId", "local");
        context.put("domainName", request.header("host")).put("domainPrefix", "local");
        context.putObject("http")
                .put("method", request.method())
                .put("path", request.path())
                .put("protocol", "HTTP/1.1")
                .put("sourceIp", request.sourceIp())
                .put("userAgent", request.header("user-agent"));
        context.put("requestId", requestId).put("routeKey", route.key()).put("stage", "$default");
        context.put("time", COMMON_LOG.format(now)).put("timeEpoch", now.toEpochMilli());
    }

    private void body(ObjectNode event) {
        byte[] body = request.body();
        var text = body.length > 0 && isText() ? text(body) : Optional.<String>empty();
        if (body.length > 0) {
            event.put("body", text.orElseGet(() -> Base64.getEncoder().encodeToString(body)));
        }
        event.put("isBase64Encoded", body.length > 0 && text.isEmpty());
    }

    /** Every other content type travels as base64, a form's among them. */
    private boolean isText() {
        String type = request.header("content-type").split(";")[0].strip().toLowerCase(Locale.ROOT);
        return type.startsWith("text/")
                || type.equals("application/json")
                || type.equals("application/javascript")
                || type.equals("application/xml");
    }

    private static Optional<String> text(byte[] body) {
        try {
            return Optional.of(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
