package dbmigrate.process;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The migrations that no roll-back undoes and that are not known to be applied. They belong to the
 * database and its history, not to a process: what a process leaves half-done, the next one finds.
 *
 * @param database the target
 * @param history Flyway's table there, with its schema
 */
public record UnsettledMigrations(ProcessConnection rows, String database, String history) {
    /**
     * Notes a migration before it begins. What an earlier attempt had noted of the same script
     * stays known, since what stood before that one is not ours either.
     *
     * @return false when the attempt was superseded, and nothing was written
     */
    public boolean begin(Attempt attempt, UnsettledMigration migration) throws SQLException {
        String sql =
                """
                insert into db_migrate.unsettled as known
                    (database, history, script, checksum, runs_again, made, dropped, standing, copies)
                select ?, ?, ?, ?, ?, ?, ?, ?, ? from db_migrate.process
                where id = ? and attempt = ? and state = 'RUNNING'
                on conflict (database, history, script) do update
                set noted_at = clock_timestamp(), checksum = excluded.checksum, remained = null,
                    runs_again = known.runs_again and excluded.runs_again,
                    made = known.made || excluded.made,
                    dropped = known.dropped || excluded.dropped,
                    standing = known.standing || excluded.standing,
                    copies = known.copies || excluded.copies
                """;
        return rows.call(connection -> {
            try (PreparedStatement insert = connection.prepareStatement(sql)) {
                insert.setString(1, database);
                insert.setString(2, history);
                insert.setString(3, migration.script());
                insert.setObject(4, migration.checksum().orElse(null), java.sql.Types.INTEGER);
                insert.setBoolean(5, migration.runsAgain());
                insert.setArray(6, array(connection, "text", migration.made()));
                insert.setArray(7, array(connection, "text", migration.dropped()));
                insert.setArray(8, array(connection, "text", migration.standing()));
                insert.setArray(9, array(connection, "bigint", migration.copies()));
                insert.setObject(10, attempt.processId());
                insert.setInt(11, attempt.number());
                return insert.executeUpdate() == 1;
            }
        });
    }

    /** Those of this database and history, by script. */
    public Map<String, UnsettledMigration> read() throws SQLException {
        String sql =
                """
                select script, checksum, runs_again, made, dropped, standing, copies, remained
                from db_migrate.unsettled where database = ? and history = ?
                """;
        return rows.call(connection -> {
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                select.setString(1, database);
                select.setString(2, history);
                ResultSet row = select.executeQuery();
                Map<String, UnsettledMigration> found = new HashMap<>();
                while (row.next()) {
                    found.put(row.getString("script"), migration(row));
                }
                return found;
            }
        });
    }

    /** Notes which of its indexes stand after an attempt at it has ended by itself. */
    public void remained(String script, Set<Long> oids) throws SQLException {
        rows.call(connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement(
                            "update db_migrate.unsettled set remained = ?"
                                    + " where database = ? and history = ? and script = ?")) {
                update.setArray(1, array(connection, "bigint", oids));
                update.setString(2, database);
                update.setString(3, history);
                update.setString(4, script);
                return update.executeUpdate();
            }
        });
    }

    /** Forgets a migration: it is applied, or was rolled back, or the history calls it failed. */
    public void settled(String script) throws SQLException {
        rows.call(connection -> {
            try (PreparedStatement delete =
                    connection.prepareStatement(
                            "delete from db_migrate.unsettled"
                                    + " where database = ? and history = ? and script = ?")) {
                delete.setString(1, database);
                delete.setString(2, history);
                delete.setString(3, script);
                return delete.executeUpdate();
            }
        });
    }

    /** The statement with which a person forgets a migration, as {@link #settled} does. */
    public String deletion(String script) {
        return "delete from db_migrate.unsettled where database = %s and script = %s;"
                .formatted(literal(database), literal(script));
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private static UnsettledMigration migration(ResultSet row) throws SQLException {
        return new UnsettledMigration(
                row.getString("script"),
                Optional.ofNullable(row.getObject("checksum", Integer.class)),
                row.getBoolean("runs_again"),
                texts(row.getArray("made")),
                texts(row.getArray("dropped")),
                texts(row.getArray("standing")),
                numbers(row.getArray("copies")).orElseThrow(),
                numbers(row.getArray("remained")));
    }

    private static Set<String> texts(Array array) throws SQLException {
        return new java.util.HashSet<>(java.util.List.of((String[]) array.getArray()));
    }

    private static Optional<Set<Long>> numbers(@Nullable Array array) throws SQLException {
        return array == null
                ? Optional.empty()
                : Optional.of(
                        new java.util.HashSet<>(java.util.List.of((Long[]) array.getArray())));
    }

    private static Array array(Connection connection, String type, Collection<?> values)
            throws SQLException {
        return connection.createArrayOf(type, values.toArray());
    }
}
