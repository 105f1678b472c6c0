package dbmigrate.process;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The processes of a stack, the newest first, page by page. A page begins behind the last id of the
 * one before: ids grow with time, so that processes which arrive meanwhile move nothing.
 */
public record ProcessList(ProcessConnection rows, String stack) {
    /** Greater than every id. */
    private static final UUID LAST = new UUID(-1, -1);

    /**
     * What is asked for.
     *
     * @param limit how many processes a page has at most
     * @param before only processes whose ids are less
     */
    public record Query(
            Optional<ProcessState> state,
            Optional<String> database,
            int limit,
            Optional<UUID> before) {}

    /**
     * A process of a list.
     *
     * @param process without its migrations and its earlier attempts
     * @param applied how many migrations were applied
     */
    public record Listed(MigrationProcess process, long applied) {}

    /**
     * A part of the list.
     *
     * @param next what the next page asks for as {@code before}, where there is one
     */
    public record Page(List<Listed> processes, Optional<UUID> next) {
        public Page {
            processes = List.copyOf(processes);
        }
    }

    /**
     * Reads a page in one round trip.
     *
     * @param grants only processes of databases that they let be read
     */
    public Page page(Query query, Grants grants) throws SQLException {
        List<Listed> found = rows.call(connection -> read(connection, query, grants));
        if (found.size() <= query.limit()) {
            return new Page(found, Optional.empty());
        }
        List<Listed> page = found.subList(0, query.limit());
        return new Page(page, Optional.of(page.getLast().process().id()));
    }

    /** One more than the page has, which tells whether there is a next one. */
    private List<Listed> read(Connection connection, Query query, Grants grants)
            throws SQLException {
        String sql =
                """
                select %s, '[]' as attempts, null as result, null as warnings,
                       (select count(*) from db_migrate.migration done
                        where done.process_id = process.id and done.state = 'applied') as applied
                from db_migrate.process
                where stack = ? and id < ? and database like any (?) %s %s
                order by id desc limit ?
                """
                        .formatted(
                                ProcessReader.COLUMNS,
                                query.state().isPresent() ? "and state = ?" : "",
                                query.database().isPresent() ? "and database = ?" : "");
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            List<Object> values =
                    new ArrayList<>(
                            List.of(
                                    stack,
                                    query.before().orElse(LAST),
                                    grants.readable(connection)));
            query.state().ifPresent(state -> values.add(state.name()));
            query.database().ifPresent(values::add);
            values.add(query.limit() + 1);
            for (int i = 0; i < values.size(); i++) {
                select.setObject(i + 1, values.get(i));
            }
            ResultSet row = select.executeQuery();
            List<Listed> found = new ArrayList<>();
            while (row.next()) {
                MigrationProcess process = ProcessReader.process(row, List.of());
                found.add(new Listed(process, row.getLong("applied")));
            }
            return found;
        }
    }
}
