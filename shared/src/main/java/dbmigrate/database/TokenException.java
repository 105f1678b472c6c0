package dbmigrate.database;

import java.sql.SQLException;

/** An authentication token of RDS cannot be made, or the server refuses it. */
public final class TokenException extends SessionRefusedException {
    private static final long serialVersionUID = 1L;

    private TokenException(ConnectionFailure kind, String state, String message, Exception cause) {
        super(kind, state, message, cause);
    }

    /** There are no credentials of AWS to sign it with; with a state that may pass. */
    static TokenException unavailable(IamCredentials credentials, Exception cause) {
        return new TokenException(
                ConnectionFailure.TOKEN_UNAVAILABLE,
                "08001",
                "no token for %s can be signed, since there are no credentials of AWS; check that the function has a role (outside Lambda: a task's role, or the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)"
                        .formatted(credentials),
                cause);
    }

    /** The server's own state, which does not pass by itself. */
    static TokenException refused(IamCredentials credentials, SQLException refusal) {
        return new TokenException(
                ConnectionFailure.TOKEN_REFUSED,
                refusal.getSQLState(),
                "the server refuses the token for %s (SQLSTATE %s); check that the role exists and was granted rds_iam, that IAM authentication is enabled on the cluster or instance, that the function's role may do rds-db:connect on arn:aws:rds-db:%s:<account>:dbuser:<its resource id, cluster-… or db-…>/%s, and that the function's clock is right"
                        .formatted(
                                credentials,
                                refusal.getSQLState(),
                                credentials.region(),
                                credentials.user()),
                refusal);
    }
}
