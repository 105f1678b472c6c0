package dbmigrate.worker;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The indexes of the target that a script names. The server itself reads the names, so that they
 * are folded and cut as it does.
 *
 * @param schema where Flyway works; names without a schema are looked for there first
 */
record IndexCatalog(Connection connection, String schema) {
    /** An index as it stands; {@code name} is {@code "schema"."name"}. */
    record Index(long oid, String name, boolean valid) {}

    /** The relation that a script calls {@code ?}: one without a schema is looked for in ours. */
    private static final String RELATION =
            "coalesce(case when array_length(parse_ident(?), 1) = 1"
                    + " then to_regclass(quote_ident(?) || '.' || ?) end, to_regclass(?))";

    private static final String INDEX =
            """
            select c.oid::bigint, quote_ident(n.nspname) || '.' || quote_ident(c.relname),
                   i.indisvalid
            from pg_index i join pg_class c on c.oid = i.indexrelid
            join pg_namespace n on n.oid = c.relnamespace
            where\s\
            """;

    /**
     * PostgreSQL's documentation, "REINDEX": the suffixes of what a failed concurrent rebuild
     * leaves.
     */
    private static final String COPIES =
            INDEX + "not i.indisvalid and c.relname ~ '_cc(new|old)\\d*$' and n.nspname !~ '^pg_'";

    /** On a table, or on a partition of it. */
    private static final String ON_TREE =
            " and i.indrelid in (select %1$s union select relid from pg_partition_tree(%1$s))";

    /** The full name of the index that a statement makes: it lies where its table does. */
    Optional<String> nameOf(IndexStatement.Create create) throws SQLException {
        String sql =
                "select quote_ident(n.nspname) || '.' || quote_ident((parse_ident(?))[1]::name)"
                        + " from pg_class t join pg_namespace n on n.oid = t.relnamespace"
                        + " where t.oid = "
                        + RELATION;
        return text(sql, prepend(create.index(), relation(create.table())));
    }

    /** The full name of the index that a statement drops, whether it stands or not. */
    Optional<String> nameOf(IndexStatement.Drop drop) throws SQLException {
        String sql =
                """
                select coalesce(
                    (select quote_ident(n.nspname) || '.' || quote_ident(c.relname)
                     from pg_class c join pg_namespace n on n.oid = c.relnamespace
                     where c.oid = %s),
                    (select quote_ident(case when array_length(part, 1) = 1 then ? else part[1]::name end)
                         || '.' || quote_ident(part[array_length(part, 1)]::name)
                     from parse_ident(?) part))
                """
                        .formatted(RELATION);
        List<String> values = new ArrayList<>(relation(drop.index()));
        values.add(schema);
        values.add(drop.index());
        return text(sql, values);
    }

    /** The index of this full name, if one stands. */
    Optional<Index> find(String name) throws SQLException {
        return query(INDEX + "c.oid = to_regclass(?)", List.of(name)).stream().findFirst();
    }

    /** The INVALID copies that lie around the relations that a statement rebuilds. */
    List<Index> copies(IndexStatement.Reindex reindex) throws SQLException {
        List<String> relation = relation(reindex.name());
        List<String> twice = Stream.concat(relation.stream(), relation.stream()).toList();
        return switch (reindex.what()) {
            case INDEX ->
                    query(
                            COPIES
                                    + ON_TREE.formatted(
                                            "(select indrelid from pg_index where indexrelid = "
                                                    + RELATION
                                                    + ")"),
                            twice);
            case TABLE -> query(COPIES + ON_TREE.formatted(RELATION + "::oid"), twice);
            case SCHEMA ->
                    query(
                            COPIES + " and n.nspname = (parse_ident(?))[1]::name",
                            List.of(reindex.name()));
            case DATABASE -> copies();
        };
    }

    /** All INVALID copies of the database. */
    List<Index> copies() throws SQLException {
        return query(COPIES, List.of());
    }

    /** The process id of the session that is building an index at this moment, if one is. */
    Optional<Integer> builder(Index index) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement(
                        "select pid from pg_stat_progress_create_index where index_relid = ?")) {
            select.setLong(1, index.oid());
            ResultSet row = select.executeQuery();
            return row.next() ? Optional.of(row.getInt(1)) : Optional.empty();
        }
    }

    /** Drops an index without holding up the application, however long that waits. */
    void drop(Index index) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("set lock_timeout = 0");
            statement.execute("drop index concurrently if exists " + index.name());
        }
    }

    private List<String> relation(String name) {
        return List.of(name, schema, name, name);
    }

    private static List<String> prepend(String first, List<String> others) {
        List<String> all = new ArrayList<>(others);
        all.addFirst(first);
        return all;
    }

    private Optional<String> text(String sql, List<String> values) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            bind(select, values);
            ResultSet row = select.executeQuery();
            return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
        }
    }

    private List<Index> query(String sql, List<String> values) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            bind(select, values);
            ResultSet row = select.executeQuery();
            List<Index> indexes = new ArrayList<>();
            while (row.next()) {
                indexes.add(new Index(row.getLong(1), row.getString(2), row.getBoolean(3)));
            }
            return indexes;
        }
    }

    private static void bind(PreparedStatement statement, List<String> values) throws SQLException {
        for (int i = 0; i < values.size(); i++) {
            statement.setString(i + 1, values.get(i));
        }
    }
}
