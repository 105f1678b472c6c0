package dbmigrate.process;

import java.sql.SQLException;

/** The connection broke while a commit was under way: the row may stand or not. */
public final class CommitUnknownException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommitUnknownException(SQLException cause) {
        super("the connection broke during a commit; whether the row stands is not known", cause);
    }
}
