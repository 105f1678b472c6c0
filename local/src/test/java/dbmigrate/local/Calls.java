package dbmigrate.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** The events of the benchmarks, and calls of functions that have to succeed. */
final class Calls {
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private Calls() {}

    /** A request for a migration of this database. */
    static JsonNode post(String database) {
        ObjectNode event = PackagedFunctions.request("http-api-iam.json");
        return event.put("body", "{\"database\":\"%s\"}".formatted(database));
    }

    static JsonNode get(String processId) {
        ObjectNode event = PackagedFunctions.event("http-api-iam.json");
        String path = "/db-migrate/" + processId;
        event.put("rawPath", path).putNull("body");
        ((ObjectNode) event.at("/requestContext/http")).put("method", "GET").put("path", path);
        ((ObjectNode) event.required("headers")).remove(List.of("prefer", "content-length"));
        return event;
    }

    /** Runs the event and fails where the function does. */
    static byte[] invoke(FunctionPool pool, byte[] event) throws InterruptedException {
        return switch (pool.invoke(event, PATIENCE)) {
            case Outcome.Answered(byte[] payload) -> payload;
            case Outcome.Failed(String reason) -> throw new IllegalStateException(reason);
            case Outcome.Throttled() -> throw new IllegalStateException("throttled");
        };
    }

    /** Runs the event and says how many ms it took. */
    static double timed(FunctionPool pool, byte[] event) throws InterruptedException {
        long begun = System.nanoTime();
        invoke(pool, event);
        return (System.nanoTime() - begun) / 1e6;
    }

    static JsonNode answer(FunctionPool pool, JsonNode event) throws Exception {
        return Report.JSON.readTree(invoke(pool, bytes(event)));
    }

    static byte[] bytes(JsonNode event) {
        return event.toString().getBytes(StandardCharsets.UTF_8);
    }
}
