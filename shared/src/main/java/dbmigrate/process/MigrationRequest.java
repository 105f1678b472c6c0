package dbmigrate.process;

import dbmigrate.json.Json;
import dbmigrate.queue.ProcessMessage;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a caller asked for, validated.
 *
 * @param command what is to be done
 * @param database the database to do it to
 * @param target a Flyway version, {@code latest} or {@code next}; empty for {@code latest}
 * @param outOfOrder whether versions below the newest applied one are applied, too
 * @param placeholders placeholders of the SQL and their values; never echoed
 * @param baselineVersion of {@link Command#BASELINE}; empty for Flyway's own setting
 * @param baselineDescription of it, likewise
 * @param requestedBy free text for the record
 */
public record MigrationRequest(
        Command command,
        String database,
        Optional<String> target,
        boolean outOfOrder,
        Map<String, String> placeholders,
        Optional<String> baselineVersion,
        Optional<String> baselineDescription,
        Optional<String> requestedBy) {
    public MigrationRequest {
        placeholders = Map.copyOf(placeholders);
    }

    /** A request to migrate. */
    public MigrationRequest(
            String database,
            Optional<String> target,
            boolean outOfOrder,
            Map<String, String> placeholders,
            Optional<String> requestedBy) {
        this(
                Command.MIGRATE,
                database,
                target,
                outOfOrder,
                placeholders,
                Optional.empty(),
                Optional.empty(),
                requestedBy);
    }

    /**
     * A digest by which two requests under one idempotency key are told apart: equal for the same
     * meaning, however the body was written. That of a migration is as it was before there were
     * other commands, since keys outlive a deployment.
     */
    public String fingerprint() {
        return ProcessMessage.sha256(
                Json.write(json -> {
                    json.writeStartArray();
                    json.writeString(command.text());
                    json.writeString(database);
                    json.writeString(target.orElse("latest"));
                    json.writeBoolean(outOfOrder);
                    json.writeString(placeholdersAsJson());
                    json.writeString(requestedBy.orElse(""));
                    if (command == Command.BASELINE) {
                        Json.element(json, baselineVersion.orElse(null));
                        Json.element(json, baselineDescription.orElse(null));
                    }
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
