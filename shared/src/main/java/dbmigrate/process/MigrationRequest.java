package dbmigrate.process;

import dbmigrate.json.Json;
import dbmigrate.queue.ProcessMessage;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a caller asked for, validated.
 *
 * @param database the database to migrate
 * @param target a Flyway version, {@code latest} or {@code next}; empty for {@code latest}
 * @param outOfOrder whether versions below the newest applied one are applied, too
 * @param placeholders placeholders of the SQL and their values; never echoed
 * @param requestedBy free text for the record
 */
public record MigrationRequest(
        String database,
        Optional<String> target,
        boolean outOfOrder,
        Map<String, String> placeholders,
        Optional<String> requestedBy) {
    public MigrationRequest {
        placeholders = Map.copyOf(placeholders);
    }

    /** The only command so far. */
    public String command() {
        return "migrate";
    }

    /**
     * A digest by which two requests under one idempotency key are told apart: equal for the same
     * meaning, however the body was written.
     */
    public String fingerprint() {
        return ProcessMessage.sha256(
                Json.write(json -> {
                    json.writeStartArray();
                    json.writeString(command());
                    json.writeString(database);
                    json.writeString(target.orElse("latest"));
                    json.writeBoolean(outOfOrder);
                    json.writeString(placeholdersAsJson());
                    json.writeString(requestedBy.orElse(""));
                    json.writeEndArray();
                }));
    }

    /** The placeholders as a JSON object, in the order of their names. */
    String placeholdersAsJson() {
        return Json.write(json -> {
            json.writeStartObject();
            for (Map.Entry<String, String> one : new TreeMap<>(placeholders).entrySet()) {
                json.writeStringField(one.getKey(), one.getValue());
            }
            json.writeEndObject();
        });
    }
}
