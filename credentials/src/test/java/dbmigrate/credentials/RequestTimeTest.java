package dbmigrate.credentials;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTimeTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 100, 3_000, 10_000, 300_000, 900_000})
    void workEndsBeforeTheWatchdogAndTheAnswerBeforeTheFunction(int remaining) {
        long now = System.nanoTime();
        RequestTime time = RequestTime.of(Duration.ofMillis(remaining));
        assertTrue(time.work().nanos() < time.watchdog().nanos());
        assertTrue(time.watchdog().nanos() < time.answer().nanos());
        assertTrue(
                time.answer().nanos() - now
                        < Duration.ofMillis(remaining).toNanos() + (System.nanoTime() - now));
    }
}
