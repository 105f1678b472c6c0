package dbmigrate.database;

import java.sql.Connection;
import java.sql.SQLException;

/** How a session logs in. */
public sealed interface Credentials permits Login, SecretCredentials, IamCredentials {
    /** The role that logs in, for a message; before it is known, words that stand for it. */
    String user();

    /**
     * Opens a session, by one login or several in turn.
     *
     * @param deadline of {@link System#nanoTime()}; past it no other login is tried
     * @throws SQLException what the server said to the last login, or why there was none
     */
    Connection open(Opening opening, long deadline) throws SQLException;

    /** Lets go of what was read to log in; it is read again for the next session. */
    void forget();

    /** Opens a session with a login. */
    @FunctionalInterface
    interface Opening {
        Connection with(Login login) throws SQLException;
    }
}
