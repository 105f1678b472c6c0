package dbmigrate.database;

import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * No session can be had, for a reason that db-migrate knows better than the server's words say it.
 * The message says why and what to check; it holds no credential, and may be shown to a caller.
 */
public abstract sealed class SessionRefusedException extends SQLException
        permits SecretException, TokenException, OwnerRoleException {
    private static final long serialVersionUID = 1L;

    private final ConnectionFailure kind;

    SessionRefusedException(
            ConnectionFailure kind, String state, String message, @Nullable Exception cause) {
        super(message, state, cause);
        this.kind = kind;
    }

    /** What kind of failure it is. */
    public ConnectionFailure kind() {
        return kind;
    }

    /** The first in the chain of causes. */
    public static Optional<SessionRefusedException> in(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof SessionRefusedException refused) {
                return Optional.of(refused);
            }
        }
        return Optional.empty();
    }
}
