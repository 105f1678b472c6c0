package dbmigrate.database;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The login of a secret that worked, or was read, last; used by several threads. */
final class KeptLogin {
    private final InstantSource clock;
    private final Duration timeToLive;
    private @Nullable Login login;
    private Instant until = Instant.MIN;
    private String user = "the user of the secret";

    KeptLogin(InstantSource clock, Duration timeToLive) {
        this.clock = clock;
        this.timeToLive = timeToLive;
    }

    /** Empty where none is kept, or no longer. */
    synchronized Optional<Login> get() {
        return Optional.ofNullable(login).filter(_ -> clock.instant().isBefore(until));
    }

    synchronized Login keep(Login known) {
        login = known;
        until = clock.instant().plus(timeToLive);
        user = known.user();
        return known;
    }

    /** Another thread may have learned another one meanwhile, which stays. */
    synchronized void forget(Login refused) {
        if (refused.equals(login)) {
            login = null;
        }
    }

    synchronized void forget() {
        login = null;
    }

    /** The user of the last one, kept or forgotten. */
    synchronized String user() {
        return user;
    }
}
