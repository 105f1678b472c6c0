package dbmigrate.queue;

import dbmigrate.database.DatabaseUrl;
import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;

/**
 * What the queue carries: the id of a process and nothing else. Everything that the worker needs
 * stands in the row, so that a message can be lost, repeated or sent again without harm.
 */
public record ProcessMessage(UUID processId) {
    /** The message's body. */
    public String body() {
        return Json.write(json -> {
            json.writeStartObject();
            json.writeStringField("processId", processId.toString());
            json.writeEndObject();
        });
    }

    /** Reads a body; empty when nobody of ours wrote it. */
    public static Optional<ProcessMessage> parse(String body) {
        try {
            return JsonObject.of(Json.read(body))
                    .string("processId")
                    .map(UUID::fromString)
                    .map(ProcessMessage::new);
        } catch (MalformedJsonException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * The FIFO group of a database: the hex SHA-256 of its address, 64 characters. A group id holds
     * letters, digits and punctuation alone, a database's name may hold anything.
     */
    public static String group(DatabaseUrl database) {
        return sha256(database.address());
    }

    /** The hex SHA-256 of a text in UTF-8, 64 characters. */
    public static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
