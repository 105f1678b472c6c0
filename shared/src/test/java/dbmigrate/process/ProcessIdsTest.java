package dbmigrate.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ProcessIdsTest {
    private final Instant now = Instant.parse("2026-01-02T03:04:05.678Z");

    /** Instances that are restored from one snapshot share every state but the kernel's. */
    @Test
    void randomNumbersOfTheJdkAreTheKernels() {
        assertEquals("NativePRNG", new SecureRandom().getAlgorithm());
    }

    @Test
    void idIsAVersion7OfTheIetfVariantThatHoldsItsTime() {
        UUID id = ids(now).get();
        assertEquals(7, id.version());
        assertEquals(2, id.variant());
        assertEquals(now.toEpochMilli(), id.getMostSignificantBits() >>> 16);
    }

    @Test
    void idsSortByTime() {
        String earlier = ids(now).get().toString();
        String later = ids(now.plus(Duration.ofMillis(1))).get().toString();
        assertTrue(earlier.compareTo(later) < 0);
    }

    private static ProcessIds ids(Instant time) {
        return new ProcessIds(Clock.fixed(time, ZoneOffset.UTC), new SplittableRandom(1));
    }
}
