package dbmigrate.router;

import dbmigrate.log.Log;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The keys as they were read last. A key that was taken away is valid for {@link #TIME_TO_LIVE} at
 * the most. One that is unknown may be new: the secret is read again for it, but not so often that
 * whoever guesses has a call to Secrets Manager made for each guess.
 */
final class KeptApiKeys {
    static final Duration TIME_TO_LIVE = Duration.ofSeconds(30);
    static final Duration BETWEEN_READINGS = Duration.ofSeconds(5);

    private final Source source;
    private final InstantSource clock;
    private @Nullable ApiKeys keys;
    private Instant readAt = Instant.MIN;

    /** Where the keys come from. */
    @FunctionalInterface
    interface Source {
        ApiKeys read(Log log) throws SQLException;
    }

    KeptApiKeys(Source source, InstantSource clock) {
        this.source = source;
        this.clock = clock;
    }

    /**
     * Whose key this is; empty for nobody's.
     *
     * @throws SQLException where the keys cannot be had
     */
    synchronized Optional<String> identityOf(String sent, Log log) throws SQLException {
        Optional<String> known = youngerThan(TIME_TO_LIVE, log).identityOf(sent);
        return known.isPresent() ? known : youngerThan(BETWEEN_READINGS, log).identityOf(sent);
    }

    private ApiKeys youngerThan(Duration age, Log log) throws SQLException {
        ApiKeys known = keys;
        Instant now = clock.instant();
        if (known == null || !now.isBefore(readAt.plus(age))) {
            known = source.read(log);
            keys = known;
            readAt = now;
        }
        return known;
    }
}
