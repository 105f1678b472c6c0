package dbmigrate.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.settings.InvalidEnvironmentException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouterSettingsTest {
    @ParameterizedTest
    @CsvSource({"'', 20", "0, 0", "1, 1", "' 5 ', 5", "1000, 1000"})
    void numberOfWaitersIsRead(String text, int waiters) {
        assertEquals(waiters, RouterSettings.read(variables(text)).maxWaiters());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "1001", "many", "5.0", "99999999999"})
    void wrongNumberOfWaitersIsRefusedByName(String text) {
        InvalidEnvironmentException refusal =
                assertThrows(
                        InvalidEnvironmentException.class,
                        () -> RouterSettings.read(variables(text)));
        assertTrue(refusal.toString().contains("MAX_WAITERS"), refusal::toString);
    }

    private static Map<String, String> variables(String waiters) {
        Map<String, String> variables = new HashMap<>();
        variables.put("DATABASE_URL", "postgresql://user:password@localhost/app");
        variables.put("MIGRATION_QUEUE_URL", "http://localhost/queue.fifo");
        variables.put("AWS_REGION", "eu-west-1");
        variables.put("MAX_WAITERS", waiters);
        return variables;
    }
}
