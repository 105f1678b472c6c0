package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;

/** Waiting for a condition, with a limit. */
final class Eventually {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private Eventually() {}

    static void holds(String fact, Callable<Boolean> condition) throws Exception {
        var end = Instant.now().plus(LIMIT);
        while (!condition.call()) {
            if (Instant.now().isAfter(end)) {
                fail("Not within " + LIMIT + ": " + fact);
            }
            Thread.sleep(50);
        }
    }
}
