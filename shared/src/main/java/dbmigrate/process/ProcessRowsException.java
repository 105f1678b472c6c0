package dbmigrate.process;

import java.sql.SQLException;

/**
 * A statement on the process rows failed. It says nothing of the database that is migrated; its
 * SQLSTATE is that of the cause.
 */
public final class ProcessRowsException extends SQLException {
    private static final long serialVersionUID = 1L;

    ProcessRowsException(SQLException cause) {
        super("the rows of the processes cannot be used", cause.getSQLState(), cause);
    }
}
