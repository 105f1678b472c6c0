package dbmigrate.local;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * An HTTP request as API Gateway's HTTP API sees it.
 *
 * @param headers by any spelling of their names
 */
record GatewayRequest(
        String method,
        URI target,
        Map<String, List<String>> headers,
        String sourceIp,
        byte[] body) {

    private static final JsonMapper JSON = new JsonMapper();
    private static final DateTimeFormatter COMMON_LOG =
            DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    GatewayRequest {
        var lowered = new TreeMap<String, List<String>>();
        headers.forEach((name, values) -> lowered.put(name.toLowerCase(Locale.ROOT), values));
        headers = lowered;
    }

    /**
     * The first route that takes it: a literal one before $default.
     *
     * <p>Templates here have no path variables.
     */
    Optional<Template.Route> route(List<Template.Route> routes) {
        return Stream.of(method + " " + path(), "ANY " + path(), "$default")
                .flatMap(key -> routes.stream().filter(route -> route.key().equalsIgnoreCase(key)))
                .findFirst();
    }

    /** Percent-decoded, as an HTTP API gives it (a function URL and a REST API do not). */
    private String path() {
        return Optional.ofNullable(target.getPath()).filter(p -> !p.isEmpty()).orElse("/");
    }

    /**
     * The event of payload format 2.0.
     *
     * @see <a
     *     href="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html">
     *     Lambda proxy integrations</a>
     */
    byte[] event(Template.Route route, String requestId, Instant now) {
        var event = JSON.createObjectNode();
        event.put("version", "2.0").put("routeKey", route.key()).put("rawPath", path());
        event.put("rawQueryString", Optional.ofNullable(target.getRawQuery()).orElse(""));
        if (headers.containsKey("cookie")) {
            var cookies = event.putArray("cookies");
            headers.get("cookie").stream()
                    .flatMap(line -> Stream.of(line.split(";")))
                    .forEach(cookie -> cookies.add(cookie.strip()));
        }
        var lowered = event.putObject("headers");
        headers.forEach((name, values) -> lowered.put(name, String.join(",", values)));
        lowered.remove("cookie");
        lowered.put("x-forwarded-for", sourceIp);
        lowered.put("x-forwarded-proto", "http");
        query(event);
        context(event.putObject("requestContext"), route, requestId, now);
        body(event);
        return event.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void query(ObjectNode event) {
        String query = target.getRawQuery();
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

    private void context(ObjectNode context, Template.Route route, String requestId, Instant now) {
        context.put("accountId", Arn.ACCOUNT).put("apiId", "local");
        if (route.signed()) {
            // Signatures are not checked here: every caller is this one.
            context.putObject("authorizer")
                    .putObject("iam")
                    .put("accessKey", "local")
                    .put("accountId", Arn.ACCOUNT)
                    .put("callerId", "local")
                    .put("userArn", "arn:aws:iam::" + Arn.ACCOUNT + ":user/local")
                    .put("userId", "local");
        }
        context.put("domainName", header("host")).put("domainPrefix", "local");
        context.putObject("http")
                .put("method", method)
                .put("path", path())
                .put("protocol", "HTTP/1.1")
                .put("sourceIp", sourceIp)
                .put("userAgent", header("user-agent"));
        context.put("requestId", requestId).put("routeKey", route.key()).put("stage", "$default");
        context.put("time", COMMON_LOG.format(now)).put("timeEpoch", now.toEpochMilli());
    }

    private void body(ObjectNode event) {
        var text = body.length > 0 && isText() ? text() : Optional.<String>empty();
        if (body.length > 0) {
            event.put("body", text.orElseGet(() -> Base64.getEncoder().encodeToString(body)));
        }
        event.put("isBase64Encoded", body.length > 0 && text.isEmpty());
    }

    /** Every other content type travels as base64, a form's among them. */
    private boolean isText() {
        String type = header("content-type").split(";")[0].strip().toLowerCase(Locale.ROOT);
        return type.startsWith("text/")
                || type.equals("application/json")
                || type.equals("application/javascript")
                || type.equals("application/xml");
    }

    private Optional<String> text() {
        try {
            return Optional.of(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private String header(String name) {
        return String.join(",", headers.getOrDefault(name, List.of()));
    }
}
