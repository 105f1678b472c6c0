package dbmigrate.warnings;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What stands in the database, from the catalogs alone: no lock on anybody's table is asked for,
 * behind which others would wait.
 */
public final class Catalog {
    private final Connection connection;
    private final String schema;
    private final Map<RelationName, Optional<Relation>> relations = new HashMap<>();

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

    Optional<Relation> relation(RelationName name) throws SQLException {
        Optional<Relation> known = relations.get(name);
        if (known == null) {
            known = read(name);
            relations.put(name, known);
        }
        return known;
    }

    private Optional<Relation> read(RelationName name) throws SQLException {
        String sql =
                """
                select c.oid, quote_ident(nspname) || '.' || quote_ident(relname),
                       reltuples::bigint
                from pg_class c
                join pg_namespace n on n.oid = relnamespace
                join unnest(array_prepend(?::name, current_schemas(true)))
                     with ordinality path(place, rank) on place = nspname or ?::name = nspname
                where relname = ? and (?::name is null or ?::name = nspname)
                order by rank limit 1
                """;
        String given = name.schema().orElse(null);
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, schema);
            select.setString(2, given);
            select.setString(3, name.name());
            select.setString(4, given);
            select.setString(5, given);
            ResultSet row = select.executeQuery();
            return row.next()
                    ? Optional.of(
                            new Relation(
                                    row.getLong(1),
                                    row.getString(2),
                                    Optional.of(row.getLong(3)).filter(rows -> rows >= 0)))
                    : Optional.empty();
        }
    }

    /** A column's type as SQL writes it; empty where there is no such column. */
    Optional<String> type(Relation table, String column) throws SQLException {
        return text(
                """
                select format_type(atttypid, atttypmod) from pg_attribute
                where attrelid = ? and attname = ? and not attisdropped
                """,
                table.oid(),
                column);
    }

    /** How the server writes a type's name, in which a migration may use another. */
    Optional<String> typeName(String written) throws SQLException {
        return text("select to_regtype(?)::text", written);
    }

    /** Whether a null in a column is ruled out: by NOT NULL, or by a check that is validated. */
    boolean excludesNull(Relation table, String column) throws SQLException {
        return is(
                """
                select 1 from pg_attribute
                where attrelid = ? and attname = ? and (attnotnull or exists (
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

    /** Whether a column's check is to be done: a constraint that is not validated yet. */
    boolean isUnvalidated(Relation table, String constraint) throws SQLException {
        return is(
                "select 1 from pg_constraint where conrelid = ? and conname = ? and not convalidated",
                table.oid(),
                constraint);
    }

    /** Whether the session's time, in which the migration runs too, is UTC. */
    boolean isUtc() throws SQLException {
        return is("select 1 where current_setting('TimeZone') in ('UTC', 'Etc/UTC', 'GMT')");
    }

    boolean hasSchema(String name) throws SQLException {
        return is("select 1 from pg_namespace where nspname = ?", name);
    }

    boolean hasType(List<String> name) throws SQLException {
        return is("select 1 from pg_type where typname = ?", name.isEmpty() ? "" : name.getLast());
    }

    private boolean is(String sql, Object... values) throws SQLException {
        return text(sql, values).isPresent();
    }

    private Optional<String> text(String sql, Object... values) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                select.setObject(i + 1, values[i]);
            }
            ResultSet row = select.executeQuery();
            return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
        }
    }
}
