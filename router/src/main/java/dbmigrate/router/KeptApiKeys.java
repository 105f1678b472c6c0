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
 * whoever guesses has a call to Secrets Manager made for each guess. Nor is one made for each where
 * it fails: for {@link #AFTER_FAILURE} whoever would need the secret is answered by that failure.
 */
final class KeptApiKeys {
    static final Duration TIME_TO_LIVE = Duration.ofSeconds(30);
    static final Duration BETWEEN_READINGS = Duration.ofSeconds(5);

    /** Short, since those who have a key wait for it as well. */
    static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

    private final Source source;
    private final InstantSource clock;
    private @Nullable ApiKeys keys;
    private Instant readAt = Instant.MIN;
    private @Nullable Failure failure;

    private record Failure(Exception cause, Instant at) {}

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
     * @throws IllegalStateException where they could not be had a moment ago
     */
    synchronized Optional<String> identityOf(String sent, Log log) throws SQLException {
        Optional<String> known = youngerThan(TIME_TO_LIVE, log).identityOf(sent);
        return known.isPresent() ? known : youngerThan(BETWEEN_READINGS, log).identityOf(sent);
    }

    private ApiKeys youngerThan(Duration age, Log log) throws SQLException {
        ApiKeys known = keys;
        Instant now = clock.instant();
        if (known == null || !now.isBefore(readAt.plus(age))) {
            known = read(now, log);
            keys = known;
            readAt = now;
        }
        return known;
    }

    private ApiKeys read(Instant now, Log log) throws SQLException {
        if (failure != null && now.isBefore(failure.at().plus(AFTER_FAILURE))) {
            throw new IllegalStateException(
                    "the secret with the keys could not be read at %s and is left alone for a moment"
                            .formatted(failure.at()),
                    failure.cause());
        }
        try {
            ApiKeys read = source.read(log);
            failure = null;
            return read;
        } catch (SQLException | RuntimeException e) {
            // A call that fails can take long: the time counts from its end.
            failure = new Failure(e, clock.instant());
            throw e;
        }
    }
}
