package dbmigrate.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.database.DatabaseUrl;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessMessageTest {
    @Test
    void messageIsReadAsItWasWritten() {
        ProcessMessage message = new ProcessMessage(UUID.randomUUID());
        assertEquals(Optional.of(message), ProcessMessage.parse(message.body()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "[]", "{}", "{\"processId\": 1}", "{\"processId\": \"x\"}"})
    void whatNobodyOfOursWroteIsNoMessage(String body) {
        assertEquals(Optional.empty(), ProcessMessage.parse(body));
    }

    @Test
    void groupIsFitForTheQueueWhateverTheDatabaseIsCalled() {
        DatabaseUrl url = DatabaseUrl.parse("postgresql://u:p@h/app");
        String group = ProcessMessage.group(url.withDatabase("My \"App\"-1 é"));
        assertTrue(group.matches("[0-9a-f]{64}"), group);
        assertNotEquals(ProcessMessage.group(url), group);
        assertEquals(
                ProcessMessage.group(url),
                ProcessMessage.group(DatabaseUrl.parse("postgres://other:pw@H:5432/app")));
    }
}
