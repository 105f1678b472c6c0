package dbmigrate.credentials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.database.Secret;
import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceAnswerTest {
    @ParameterizedTest
    @ValueSource(strings = {"x", "ä", "\u0001", "\"", "😀", "\\"})
    void reasonThatDoesNotFitIsCut(String character) throws Exception {
        for (int length : new int[] {3000, 5000, 1_000_000}) {
            byte[] bytes =
                    new ResourceAnswer(event("s"), new Outcome.Failure(character.repeat(length)))
                            .bytes();
            assertTrue(bytes.length <= 4096, () -> length + ": " + bytes.length);
            JsonObject answer = JsonObject.of(Json.read(new ByteArrayInputStream(bytes)));
            assertEquals("FAILED", answer.string("Status").orElseThrow());
            assertTrue(answer.string("Reason").orElseThrow().length() > 100);
        }
    }

    @Test
    void longestIdsLeaveRoomForTheAttributes() throws Exception {
        SecretContent content =
                new SecretContent(
                        "u".repeat(63), new Secret("hidden"), "h".repeat(255), 5432, "postgres");
        ProvedCredentials credentials =
                new ProvedCredentials(
                        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:" + "n".repeat(519),
                        content,
                        "ü".repeat(31));
        byte[] bytes =
                new ResourceAnswer(
                                event("s".repeat(700)),
                                new Outcome.Success(Optional.of(credentials), Optional.empty()))
                        .bytes();
        assertTrue(bytes.length <= 4096, () -> "" + bytes.length);
        String text = new String(bytes, StandardCharsets.UTF_8);
        assertTrue(!text.contains("hidden"), text);
    }

    private static ResourceEvent event(String id) throws Exception {
        String text =
                Json.write(json -> {
                    json.writeStartObject();
                    json.writeStringField("RequestType", "Create");
                    json.writeStringField("ResponseURL", "http://h:1/x");
                    json.writeStringField("StackId", id);
                    json.writeStringField("RequestId", id);
                    json.writeStringField("LogicalResourceId", id);
                    json.writeStringField("PhysicalResourceId", id);
                    json.writeEndObject();
                });
        return ResourceEvent.read(
                new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
                Map.of("CREDENTIALS_RESPONSE_HOSTS", "h:1"));
    }
}
