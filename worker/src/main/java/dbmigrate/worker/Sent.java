package dbmigrate.worker;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** What was sent in one round trip; it is closed when nobody reads any of its results any more. */
final class Sent {
    private final PreparedStatement statement;
    private final @Nullable ResultSet rows;
    private final int changed;
    private int readers = 1;

    /** The statement's present result is the one that is to be read. */
    Sent(PreparedStatement statement) throws SQLException {
        this.statement = statement;
        this.rows = statement.getResultSet();
        this.changed = statement.getUpdateCount();
    }

    /** The rows, which are all here already. */
    ResultSet rows() throws SQLException {
        return present(rows);
    }

    /** How many rows were changed. */
    int changed() {
        return Math.max(0, changed);
    }

    /** The rows of the next result, for another reader. */
    PipelinedAnswer next() throws SQLException {
        readers++;
        statement.getMoreResults(Statement.KEEP_CURRENT_RESULT);
        return new PipelinedAnswer(this, present(statement.getResultSet()));
    }

    /** One reader less. */
    void release() throws SQLException {
        readers--;
        if (readers == 0) {
            statement.close();
        }
    }

    private static ResultSet present(@Nullable ResultSet rows) throws SQLException {
        if (rows == null) {
            throw new SQLException("the statement answers no rows");
        }
        return rows;
    }
}
