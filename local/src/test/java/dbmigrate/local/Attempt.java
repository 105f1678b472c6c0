package dbmigrate.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.function.Supplier;

/**
 * An attempt to get in.
 *
 * @param way how callers prove there who they are
 * @param what the attempt, in words
 * @param got what it is to get: a status, and who gives it where it is a refusal
 */
record Attempt(String way, String what, String got, Supplier<WireRequest.Got> made) {
    private static final JsonMapper JSON = new JsonMapper();

    /** What it does get. */
    String outcome() {
        var answer = made.get();
        if (answer.status() < 300) {
            return String.valueOf(answer.status());
        }
        try {
            JsonNode body = JSON.readTree(answer.body());
            return answer.status()
                    + (body.has("code")
                            ? " router: " + body.get("code").asText()
                            : " gateway: " + body.path("message").asText());
        } catch (JsonProcessingException e) {
            // The JDK's server writes HTML where it takes no request at all.
            return answer.status() + " server";
        }
    }

    /** A row of the table. */
    String row() {
        return "| %s | %s | %s |".formatted(way, what, got);
    }

    @Override
    public String toString() {
        return way + ": " + what;
    }
}
