package dbmigrate.warnings;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What stands in the database, from the catalogs alone: no lock on anybody's table is asked for,
 * behind which others would wait.
 */
public final class Catalog {
    private static final String PERSISTENCE =
            "select 1 from pg_class where oid = ? and relpersistence::text = ?";

    private final Connection connection;
    private final String schema;
    private final Map<String, List<Relation>> relations = new HashMap<>();
    private @Nullable List<String> path;

    /**
     * @param schema where an unqualified name is looked for first: a migration's search_path begins
     *     with it
     */
    public Catalog(Connection connection, String schema) {
        this.connection = connection;
        this.schema = schema;
    }

    /**
     * Whether nothing stands that a statement could harm.
     *
     * @param history Flyway's own table
     */
    public boolean isEmpty(String history) throws SQLException {
        return !is(
                """
                select 1 from pg_class join pg_namespace on pg_namespace.oid = relnamespace
                where relkind in ('r', 'p', 'm', 'v', 'f') and relname <> ?
                  and nspname !~ '^pg_' and nspname not in ('information_schema', 'db_migrate')
                """,
                history);
    }

    /** The relation of this name in this schema. */
    Optional<Relation> relation(String schema, String name) throws SQLException {
        List<Relation> known = relations.get(name);
        if (known == null) {
            known = read("relname", name);
            relations.put(name, known);
        }
        return known.stream().filter(one -> one.schema().equals(schema)).findFirst();
    }

    /** The partition that has what fits no other. */
    Optional<Relation> defaultPartition(Relation parent) throws SQLException {
        Optional<String> oid =
                text(
                        "select partdefid from pg_partitioned_table where partrelid = ? and partdefid <> 0",
                        parent.oid());
        return oid.isEmpty()
                ? Optional.empty()
                : read("c.oid", Long.valueOf(oid.get())).stream().findFirst();
    }

    private List<Relation> read(String column, Object value) throws SQLException {
        String sql =
                """
                select c.oid, nspname, quote_ident(nspname) || '.' || quote_ident(relname),
                       relkind::text, reltuples::bigint
                from pg_class c join pg_namespace n on n.oid = relnamespace where %s = ?
                """
                        .formatted(column);
        List<Relation> found = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setObject(1, value);
            ResultSet row = select.executeQuery();
            while (row.next()) {
                found.add(
                        new Relation(
                                row.getLong(1),
                                row.getString(2),
                                row.getString(3),
                                row.getString(4),
                                Optional.of(row.getLong(5)).filter(rows -> rows >= 0)));
            }
        }
        return found;
    }

    /** The schemas in which the session looks for a name, without what Flyway puts before them. */
    List<String> path() throws SQLException {
        List<String> known = path == null ? readPath() : path;
        path = known;
        return known;
    }

    private List<String> readPath() throws SQLException {
        try (PreparedStatement select =
                        connection.prepareStatement("select unnest(current_schemas(true))");
                ResultSet row = select.executeQuery()) {
            List<String> schemas = new ArrayList<>();
            while (row.next()) {
                schemas.add(row.getString(1));
            }
            return schemas;
        }
    }

    /** Where Flyway puts an unqualified name, and looks for it first. */
    String schema() {
        return schema;
    }

    /**
     * Whether Flyway sets the search path anew before each migration: not if it is right already.
     */
    boolean isPathRenewed() throws SQLException {
        return is(
                """
                select 1 where current_setting('search_path') <> ?
                  and not starts_with(current_setting('search_path'), ? || ',')
                """,
                schema,
                schema);
    }

    String user() throws SQLException {
        return text("select current_user").orElse("");
    }

    String timeZone() throws SQLException {
        return text("select current_setting('TimeZone')").orElse("");
    }

    /** Whether a null in a column is ruled out: by NOT NULL, or by a check that is validated. */
    boolean excludesNull(Relation table, String column) throws SQLException {
        return is(
                """
                select 1 from pg_attribute
                where attrelid = ? and attname = ? and (attnotnull and not exists (
                    -- NOT NULL that is NOT VALID, which PostgreSQL 18 has.
                    select 1 from pg_constraint
                    where conrelid = attrelid and contype = 'n' and conkey = array[attnum]
                      and not convalidated) or exists (
                    select 1 from pg_constraint
                    where conrelid = attrelid and contype = 'c' and convalidated
                      and pg_get_expr(conbin, conrelid)
                          = '(' || quote_ident(attname) || ' IS NOT NULL)'))
                """,
                table.oid(),
                column);
    }

    /** Whether a function of this name gives another value for each row. */
    boolean isVolatile(String function) throws SQLException {
        return is("select 1 from pg_proc where proname = ? and provolatile = 'v'", function);
    }

    /** Whether an ALTER TABLE asks for the storage that the table has: it then does nothing. */
    boolean isStoredSo(Relation table, String command, String name) throws SQLException {
        return switch (command) {
            case "AT_SetTableSpace" ->
                    is(
                            """
                            select 1 from pg_class c
                            join pg_database on datname = current_database()
                            join pg_tablespace t
                              on t.oid = coalesce(nullif(reltablespace, 0), dattablespace)
                            where c.oid = ? and (relkind in ('p', 'I') or spcname = ?)
                            """,
                            table.oid(),
                            name);
            case "AT_SetLogged" -> is(PERSISTENCE, table.oid(), "p");
            case "AT_SetUnLogged" -> is(PERSISTENCE, table.oid(), "u");
            case "AT_SetAccessMethod" ->
                    is(
                            """
                            select 1 from pg_class c join pg_am a on a.oid = relam
                            where c.oid = ? and amname = ?
                            """,
                            table.oid(),
                            name);
            default -> false;
        };
    }

    boolean hasSchema(String name) throws SQLException {
        return is("select 1 from pg_namespace where nspname = ?", name);
    }

    boolean is(String sql, Object... values) throws SQLException {
        return text(sql, values).isPresent();
    }

    Optional<String> text(String sql, Object... values) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                select.setObject(i + 1, values[i]);
            }
            ResultSet row = select.executeQuery();
            return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
        }
    }
}
