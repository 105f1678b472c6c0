package dbmigrate.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * A user and a password that are known.
 *
 * @param password empty where the server is to ask for none
 */
public record Login(String user, Optional<Secret> password) implements Credentials {
    public Login {
        if (user.isEmpty()) {
            throw new InvalidDatabaseUrlException(
                    "the user",
                    "is missing; a function has no operating-system user to fall back on:"
                            + " write it into the URL, or name a secret in DATABASE_SECRET_ARN");
        }
    }

    @Override
    public Connection open(Opening opening, long deadline) throws SQLException {
        return opening.with(this);
    }

    @Override
    public void forget() {
        // Nothing was read.
    }
}
