package dbmigrate.process;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/** What stood on a database before migrations began that cannot run in a transaction. */
public record HalfDoneNotes(ProcessConnection rows) {
    /**
     * Notes what stands before such a migration begins.
     *
     * @return false when the attempt was superseded, and nothing was written
     */
    public boolean write(Attempt attempt, HalfDone before) throws SQLException {
        String sql =
                """
                update db_migrate.process set half_done_script = ?, half_done_indexes = ?
                where id = ? and attempt = ? and state = 'RUNNING'
                """;
        return rows.call(connection -> {
            try (PreparedStatement update = connection.prepareStatement(sql)) {
                update.setString(1, before.script());
                update.setObject(2, before.indexes().toArray(String[]::new));
                update.setObject(3, attempt.processId());
                update.setInt(4, attempt.number());
                return update.executeUpdate() == 1;
            }
        });
    }

    /** What stood before a script began, as whichever process noted that last. */
    public Optional<HalfDone> read(String database, String script) throws SQLException {
        String sql =
                """
                select half_done_indexes from db_migrate.process
                where database = ? and half_done_script = ?
                order by requested_at desc limit 1
                """;
        return rows.call(connection -> {
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                select.setString(1, database);
                select.setString(2, script);
                ResultSet row = select.executeQuery();
                return row.next()
                        ? Optional.of(
                                new HalfDone(script, Set.of((String[]) row.getArray(1).getArray())))
                        : Optional.empty();
            }
        });
    }
}
