package dbmigrate.router;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import dbmigrate.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/** An answer: status, headers, and a body of JSON. */
record HttpResponse(int status, Map<String, String> headers, String body) {
    HttpResponse {
        headers = Map.copyOf(headers);
    }

    static HttpResponse json(int status, Json.Writing body) {
        return new HttpResponse(
                status,
                Map.of("content-type", "application/json", "cache-control", "no-store"),
                Json.write(body));
    }

    HttpResponse withHeader(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new HttpResponse(status, more, body);
    }

    /** The answer in API Gateway's own terms. */
    APIGatewayV2HTTPResponse toEvent() {
        return APIGatewayV2HTTPResponse.builder()
                .withStatusCode(status)
                .withHeaders(headers)
                .withBody(body)
                .build();
    }

    /** What the function returns: payload format 2.0 as JSON. */
    String toJson() {
        APIGatewayV2HTTPResponse event = toEvent();
        return Json.write(json -> {
            json.writeStartObject();
            json.writeNumberField("statusCode", event.getStatusCode());
            json.writeObjectFieldStart("headers");
            for (Map.Entry<String, String> header : event.getHeaders().entrySet()) {
                json.writeStringField(header.getKey(), header.getValue());
            }
            json.writeEndObject();
            json.writeStringField("body", event.getBody());
            json.writeBooleanField("isBase64Encoded", event.getIsBase64Encoded());
            json.writeEndObject();
        });
    }
}
