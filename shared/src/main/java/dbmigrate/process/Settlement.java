package dbmigrate.process;

import java.time.Duration;
import java.util.Optional;

/**
 * What became of the migration that ran.
 *
 * @param state {@code applied} or {@code failed}
 * @param took how long it ran; empty when the row's own clock is to tell
 */
public record Settlement(String state, Optional<Duration> took) {
    public static final Settlement APPLIED = new Settlement("applied", Optional.empty());
    public static final Settlement FAILED = new Settlement("failed", Optional.empty());

    /** A migration of an earlier attempt that the history calls applied, and how long it took. */
    public static Settlement appliedEarlier(Duration took) {
        return new Settlement("applied", Optional.of(took));
    }
}
