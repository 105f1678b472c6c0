package dbmigrate.database;

import org.jspecify.annotations.Nullable;

/**
 * User and password cannot be had from the secret. The message says why and what to check; it names
 * the secret and holds nothing of its content.
 */
public final class SecretException extends SessionRefusedException {
    private static final long serialVersionUID = 1L;

    private SecretException(
            ConnectionFailure kind, String state, String message, @Nullable Exception cause) {
        super(kind, state, message, cause);
    }

    /** Secrets Manager does not give it; with a state that may pass. */
    static SecretException unavailable(String message, Exception cause) {
        return new SecretException(ConnectionFailure.SECRET_UNAVAILABLE, "08001", message, cause);
    }

    /** It holds something else than user and password; that does not pass by itself. */
    static SecretException invalid(SecretArn arn, String problem) {
        return new SecretException(
                ConnectionFailure.SECRET_INVALID,
                "28000",
                "the secret %s %s".formatted(arn, problem),
                null);
    }
}
