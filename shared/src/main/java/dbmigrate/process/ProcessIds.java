package dbmigrate.process;

import java.time.Clock;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Makes ids that sort by time: UUIDv7 as RFC 9562, section 5.7, defines it, with 48 bits of Unix
 * time in milliseconds and 74 random ones.
 */
public record ProcessIds(Clock clock, RandomGenerator random) implements Supplier<UUID> {
    private static final long VERSION_7 = 0x7000L;
    private static final long VARIANT_IETF = 0x8000_0000_0000_0000L;

    @Override
    public UUID get() {
        long time = clock.millis() << 16;
        long high = time | VERSION_7 | (random.nextLong() & 0xFFFL);
        long low = VARIANT_IETF | (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL);
        return new UUID(high, low);
    }
}
