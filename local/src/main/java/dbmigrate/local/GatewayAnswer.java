package dbmigrate.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What API Gateway's HTTP API sends to the caller. */
record GatewayAnswer(int status, Map<String, List<String>> headers, byte[] body) {
    private static final JsonMapper JSON = new JsonMapper();

    /** API Gateway's own answers. */
    static GatewayAnswer message(int status, String message) {
        return new GatewayAnswer(
                status,
                Map.of("content-type", List.of("application/json")),
                "{\"message\":\"%s\"}".formatted(message).getBytes(StandardCharsets.UTF_8));
    }

    /** The same answer with one more header. */
    GatewayAnswer with(String header, String value) {
        var all = new LinkedHashMap<>(headers);
        all.put(header, List.of(value));
        return new GatewayAnswer(status, all, body);
    }

    static GatewayAnswer of(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Answered(var payload) -> ofPayload(payload);
            case Outcome.Failed _ -> message(500, "Internal Server Error");
            case Outcome.Throttled _ -> message(503, "Service Unavailable");
        };
    }

    /**
     * Payload format 2.0: an object with statusCode, or any other JSON, which becomes the body of a
     * 200.
     */
    private static GatewayAnswer ofPayload(byte[] payload) {
        try {
            JsonNode answer = JSON.readTree(payload);
            if (!answer.has("statusCode")) {
                return new GatewayAnswer(
                        200, Map.of("content-type", List.of("application/json")), payload);
            }
            int status = answer.get("statusCode").asInt(0);
            if (status < 200 || status > 599) {
                return message(500, "Internal Server Error");
            }
            return new GatewayAnswer(status, headers(answer), body(answer));
        } catch (IllegalArgumentException | JsonProcessingException e) {
            return message(500, "Internal Server Error");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, List<String>> headers(JsonNode answer) {
        var headers = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
        headers.put("content-type", List.of("text/plain;charset=UTF-8"));
        answer.path("headers")
                .properties()
                .forEach(h -> headers.put(h.getKey(), List.of(h.getValue().asText())));
        var cookies = answer.path("cookies").valueStream().map(JsonNode::asText).toList();
        if (!cookies.isEmpty()) {
            headers.put("set-cookie", cookies);
        }
        return new LinkedHashMap<>(headers);
    }

    private static byte[] body(JsonNode answer) {
        String body = answer.path("body").asText("");
        return answer.path("isBase64Encoded").asBoolean()
                ? Base64.getDecoder().decode(body)
                : body.getBytes(StandardCharsets.UTF_8);
    }
}
