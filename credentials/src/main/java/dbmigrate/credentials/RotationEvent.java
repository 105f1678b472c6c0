package dbmigrate.credentials;

import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import java.io.IOException;
import java.io.InputStream;

/**
 * What Secrets Manager calls the function with.
 *
 * @param secretId the ARN of the secret
 * @param token the id of the version that the rotation makes
 */
record RotationEvent(String secretId, String token, RotationStep step) {
    /**
     * Reads one.
     *
     * @throws CredentialsException where it is none
     */
    static RotationEvent read(InputStream input) throws IOException {
        try {
            JsonObject event = JsonObject.of(Json.read(input));
            return new RotationEvent(
                    text(event, "SecretId"),
                    text(event, "ClientRequestToken"),
                    RotationStep.of(text(event, "Step")));
        } catch (MalformedJsonException e) {
            throw new CredentialsException("the event is no JSON", e);
        }
    }

    private static String text(JsonObject event, String name) {
        return event.string(name)
                .filter(text -> !text.isEmpty())
                .orElseThrow(() ->
                        new CredentialsException(
                                "the event is none of Secrets Manager's: it lacks " + name));
    }
}
