package dbmigrate.credentials;

import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What CloudFormation asks for (User Guide, "Custom resource request objects").
 *
 * @param type what is to be done
 * @param physicalId the resource's name, the same from its beginning to its end
 * @param rotationId another one asks for another password; empty where there is none
 * @param deleteSecret whether the secret goes with the resource
 * @param problems why it cannot be done, where it cannot
 */
record ResourceEvent(
        Type type,
        ResponseUrl responseUrl,
        String stackId,
        String requestId,
        String logicalId,
        String physicalId,
        String rotationId,
        boolean deleteSecret,
        List<String> problems) {
    /** CloudFormation's own are far shorter; all of them have to fit into the answer. */
    private static final int LONGEST_ID = 700;

    /** What CloudFormation asks for. */
    enum Type {
        CREATE,
        UPDATE,
        DELETE,
        UNKNOWN
    }

    ResourceEvent {
        problems = List.copyOf(problems);
    }

    /**
     * Reads an event.
     *
     * @throws RefusedEventException where nobody can be answered
     */
    static ResourceEvent read(InputStream input, Map<String, String> variables) throws IOException {
        JsonObject event;
        try {
            event = JsonObject.of(Json.read(input));
        } catch (MalformedJsonException e) {
            throw new RefusedEventException("the event is no JSON, and nothing was done");
        }
        ResponseUrl url = ResponseUrl.of(event.string("ResponseURL"), variables);
        List<String> problems = new ArrayList<>();
        JsonObject properties = event.object("ResourceProperties");
        String stackId = id(event, "StackId", problems);
        String logicalId = id(event, "LogicalResourceId", problems);
        return new ResourceEvent(
                type(event.string("RequestType"), problems),
                url,
                stackId,
                id(event, "RequestId", problems),
                logicalId,
                event.string("PhysicalResourceId")
                        .filter(ResourceEvent::fits)
                        .orElseGet(() -> physicalId(stackId, logicalId)),
                rotationId(properties, problems),
                deleteSecret(properties, problems),
                problems);
    }

    private static Type type(Optional<String> text, List<String> problems) {
        return switch (text.orElse("")) {
            case "Create" -> Type.CREATE;
            case "Update" -> Type.UPDATE;
            case "Delete" -> Type.DELETE;
            default -> {
                problems.add("its RequestType is neither Create nor Update nor Delete");
                yield Type.UNKNOWN;
            }
        };
    }

    private static String id(JsonObject event, String name, List<String> problems) {
        Optional<String> text = event.string(name).filter(ResourceEvent::fits);
        if (text.isEmpty()) {
            problems.add("its %s is missing or too long".formatted(name));
        }
        return text.orElse("");
    }

    private static boolean fits(String id) {
        return !id.isEmpty() && id.getBytes(StandardCharsets.UTF_8).length <= LONGEST_ID;
    }

    /**
     * What a Create makes: stack and logical id, so that also an answer that fails, and the Delete
     * after it, have the same one.
     */
    private static String physicalId(String stackId, String logicalId) {
        String[] parts = stackId.split("/");
        return (parts.length > 1 ? parts[1] + "/" : "")
                + (logicalId.isEmpty() ? "DatabaseCredentials" : logicalId);
    }

    private static String rotationId(JsonObject properties, List<String> problems) {
        Optional<String> text = properties.string("RotationId");
        if (text.isEmpty() && properties.members().get("RotationId") != null) {
            problems.add("its property RotationId is no text");
        }
        return text.orElse("");
    }

    private static boolean deleteSecret(JsonObject properties, List<String> problems) {
        Object value = properties.members().get("DeleteSecret");
        String text = value == null ? "false" : value.toString();
        if (!text.equals("true") && !text.equals("false")) {
            problems.add("its property DeleteSecret is neither true nor false");
        }
        return text.equals("true");
    }
}
