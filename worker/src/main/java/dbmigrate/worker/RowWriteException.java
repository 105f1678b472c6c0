package dbmigrate.worker;

import java.sql.SQLException;

/**
 * The row could not be written between two migrations; the cause's SQLSTATE decides what follows.
 */
final class RowWriteException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RowWriteException(SQLException cause) {
        super("the row of the process could not be written", cause);
    }
}
