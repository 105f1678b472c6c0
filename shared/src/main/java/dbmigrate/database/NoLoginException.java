package dbmigrate.database;

import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * There is no user and password to log in with, or not one that the server takes. The message says
 * why and what to check, holds nothing of either password, and may be shown to a caller.
 */
public abstract sealed class NoLoginException extends SQLException
        permits SecretException, TokenException {
    private static final long serialVersionUID = 1L;

    private final ConnectionFailure kind;

    NoLoginException(
            ConnectionFailure kind, String state, String message, @Nullable Exception cause) {
        super(message, state, cause);
        this.kind = kind;
    }

    /** What kind of failure it is. */
    public ConnectionFailure kind() {
        return kind;
    }

    /** The first in the chain of causes. */
    public static Optional<NoLoginException> in(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof NoLoginException known) {
                return Optional.of(known);
            }
        }
        return Optional.empty();
    }
}
