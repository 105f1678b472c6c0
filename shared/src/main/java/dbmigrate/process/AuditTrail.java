package dbmigrate.process;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What became of a process, change by change, as the database itself noted it. */
public record AuditTrail(ProcessConnection rows, String stack) {
    /**
     * One change.
     *
     * @param event its name; text, since a newer schema may note what this function does not know
     * @param state the state in which it left the process
     * @param attempt the attempt that it concerns; 0 before the first
     * @param identity who asked for it, where somebody did
     * @param cause why, where it has a cause
     */
    public record Event(
            Instant at,
            String event,
            ProcessState state,
            int attempt,
            Optional<String> identity,
            Optional<String> cause) {}

    /**
     * The events of a process, the oldest first; empty for an unknown process, and for one of a
     * database that the grants do not let be read. A process that is older than the audit trail has
     * none.
     */
    public Optional<List<Event>> of(UUID id, Grants grants) throws SQLException {
        return rows.call(connection -> read(connection, id, grants));
    }

    private Optional<List<Event>> read(Connection connection, UUID id, Grants grants)
            throws SQLException {
        String sql =
                """
                select noted.at, noted.event, noted.state, noted.attempt, noted.identity, noted.cause
                from db_migrate.process
                left join db_migrate.event noted on noted.process_id = process.id
                where process.stack = ? and process.id = ?
                  and process.database like any (?)
                order by noted.number
                """;
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, stack);
            select.setObject(2, id);
            select.setArray(3, grants.readable(connection));
            ResultSet row = select.executeQuery();
            if (!row.next()) {
                return Optional.empty();
            }
            List<Event> events = new ArrayList<>();
            do {
                if (row.getString("event") != null) {
                    events.add(event(row));
                }
            } while (row.next());
            return Optional.of(events);
        }
    }

    private static Event event(ResultSet row) throws SQLException {
        return new Event(
                ProcessReader.time(row, "at").orElseThrow(),
                row.getString("event"),
                ProcessState.valueOf(row.getString("state")),
                row.getInt("attempt"),
                Optional.ofNullable(row.getString("identity")),
                Optional.ofNullable(row.getString("cause")));
    }
}
