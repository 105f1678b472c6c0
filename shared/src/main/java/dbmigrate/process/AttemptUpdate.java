package dbmigrate.process;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one way in which an attempt's updates run: the last two parameters of each say whose row it
 * is, and how many rows it has changed says whether it still is.
 */
record AttemptUpdate(ProcessConnection rows, Attempt attempt) {
    /** Runs an update; false when it was not this attempt's row any more. */
    boolean run(String sql, @Nullable Object... values) throws SQLException {
        return rows.call(connection -> {
            try (PreparedStatement update = connection.prepareStatement(sql)) {
                bind(update, values);
                return update.executeUpdate() == 1;
            }
        });
    }

    /** Runs an update that returns a text; empty when it was not this attempt's row any more. */
    Optional<String> text(String sql, @Nullable Object... values) throws SQLException {
        return rows.call(connection -> {
            try (PreparedStatement update = connection.prepareStatement(sql)) {
                bind(update, values);
                ResultSet row = update.executeQuery();
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        });
    }

    /** Runs an update that ends the process; empty when it was not this attempt's any more. */
    Optional<EndedProcess> end(String sql, @Nullable Object... values) throws SQLException {
        return rows.call(connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement(sql + EndedProcess.RETURNING)) {
                bind(update, values);
                ResultSet row = update.executeQuery();
                return row.next() ? Optional.of(EndedProcess.read(row)) : Optional.empty();
            }
        });
    }

    private void bind(PreparedStatement update, @Nullable Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            update.setObject(i + 1, values[i]);
        }
        update.setObject(values.length + 1, attempt.processId());
        update.setInt(values.length + 2, attempt.number());
    }
}
