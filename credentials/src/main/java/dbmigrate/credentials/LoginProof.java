package dbmigrate.credentials;

import dbmigrate.database.ConnectionFailure;
import dbmigrate.database.Connector;
import dbmigrate.database.SessionSettings;
import dbmigrate.database.SqlState;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;

/** What the server itself says to a user and a password: the only proof that they are right. */
final class LoginProof {
    /** The server says so only to whom it has let in. */
    private static final Set<String> LET_IN =
            Set.of(SqlState.INVALID_CATALOG_NAME, SqlState.INSUFFICIENT_PRIVILEGE);

    private static final String INVALID_PASSWORD = "28P01";
    private static final String TOLD =
            "RDS was told to set the new one, which stays in the secret as AWSPENDING";
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Deadline deadline;

    LoginProof(Deadline deadline) {
        this.deadline = deadline;
    }

    /**
     * Whether the server lets them in now. Where it does not answer it is asked again, for a minute
     * at most: an Aurora that resumes takes some of it.
     *
     * @throws CredentialsException where it says neither yes nor no
     */
    boolean isAccepted(SecretContent content) {
        return isAccepted(content, "the database's password was not changed");
    }

    private boolean isAccepted(SecretContent content, String state) {
        Deadline patience = deadline.atMost(AwsCalls.PATIENCE);
        while (true) {
            try {
                return login(content);
            } catch (SQLException e) {
                if (patience.left().compareTo(PAUSE) <= 0) {
                    throw unreachable(content, state, e);
                }
                patience.pause(PAUSE);
            }
        }
    }

    /**
     * Waits until the server lets them in.
     *
     * @throws CredentialsException where the time was over before
     */
    void await(SecretContent content) {
        while (!isAccepted(content, TOLD)) {
            if (deadline.left().compareTo(PAUSE) <= 0) {
                throw new CredentialsException(
                        "RDS took the new password, but %s:%d still refused it for user %s when the function's time was over; the password stays in the secret as AWSPENDING, which the functions try as well. Deploy again: the same password is tried first"
                                .formatted(content.host(), content.port(), content.username()));
            }
            deadline.pause(PAUSE);
        }
    }

    private static boolean login(SecretContent content) throws SQLException {
        try {
            Connector.connect(content.url(), SessionSettings.forRows()).close();
            return true;
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (LET_IN.contains(state)) {
                return true;
            }
            if (state.equals(INVALID_PASSWORD)) {
                return false;
            }
            throw e;
        }
    }

    private static CredentialsException unreachable(
            SecretContent content, String state, SQLException failure) {
        String why =
                ConnectionFailure.of(failure)
                        .map(known -> known.title() + ". " + known.action())
                        .orElse(
                                "The server refuses the session with SQLSTATE %s."
                                        .formatted(failure.getSQLState()));
        return new CredentialsException(
                "this function cannot find out whether %s:%d takes a password; %s. %s"
                        .formatted(content.host(), content.port(), state, why),
                failure);
    }
}
