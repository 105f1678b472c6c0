package dbmigrate.worker;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The planner's statistics of tables and materialized views and of their columns, as their owner
 * may restore them since PostgreSQL 18. Those of a table that belongs to an extension, of an index
 * and of an extended statistics object are none of them.
 *
 * <p>They hold values of rows, and so are bound and written nowhere.
 *
 * @param relations a JSON array, a row each
 * @param columns likewise; of those that the role may read
 */
record TableStatistics(String relations, String columns) {
    /** What stands in their place where the server cannot restore them. */
    static final String NOT_COPIED = "the tables' statistics: they need PostgreSQL 18";

    private static final int FIRST_VERSION = 18;

    private static final String TABLES =
            """
            from pg_class c join pg_namespace n on n.oid = relnamespace
            where relkind in ('r', 'p', 'm') and relpersistence <> 't' and
            """
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_class", "c");

    private static final String RELATIONS =
            """
            select coalesce(json_agg(r), '[]') from (
                select nspname, relname, relpages, reltuples, relallvisible, relallfrozen
            """
                    + TABLES
                    + ") r";

    /** A column of the type anyarray has to be text: what it holds differs from row to row. */
    private static final String COLUMNS =
            """
            select coalesce(json_agg(s), '[]') from (
                select schemaname, tablename, attname, inherited, null_frac, avg_width, n_distinct,
                       most_common_vals::text, most_common_freqs, histogram_bounds::text,
                       correlation, most_common_elems::text, most_common_elem_freqs,
                       elem_count_histogram, range_length_histogram::text, range_empty_frac,
                       range_bounds_histogram::text
                from pg_stats where (schemaname, tablename) in (select nspname, relname
            """
                    + TABLES
                    + ")) s";

    private static final String RESTORE_RELATIONS =
            """
            select count(pg_restore_relation_stats(
                'schemaname', nspname, 'relname', relname, 'relpages', relpages,
                'reltuples', reltuples, 'relallvisible', relallvisible,
                'relallfrozen', relallfrozen))
            from json_to_recordset(?::json) as r (
                nspname text, relname text, relpages integer, reltuples real,
                relallvisible integer, relallfrozen integer)
            """;

    /** An argument that is null counts as absent. */
    private static final String RESTORE_COLUMNS =
            """
            select count(pg_restore_attribute_stats(
                'schemaname', schemaname, 'relname', tablename, 'attname', attname,
                'inherited', inherited, 'null_frac', null_frac, 'avg_width', avg_width,
                'n_distinct', n_distinct, 'most_common_vals', most_common_vals,
                'most_common_freqs', most_common_freqs, 'histogram_bounds', histogram_bounds,
                'correlation', correlation, 'most_common_elems', most_common_elems,
                'most_common_elem_freqs', most_common_elem_freqs,
                'elem_count_histogram', elem_count_histogram,
                'range_length_histogram', range_length_histogram,
                'range_empty_frac', range_empty_frac,
                'range_bounds_histogram', range_bounds_histogram))
            from json_to_recordset(?::json) as s (
                schemaname text, tablename text, attname text, inherited boolean, null_frac real,
                avg_width integer, n_distinct real, most_common_vals text,
                most_common_freqs real[], histogram_bounds text, correlation real,
                most_common_elems text, most_common_elem_freqs real[],
                elem_count_histogram real[], range_length_histogram text, range_empty_frac real,
                range_bounds_histogram text)
            """;

    /** Reads them; empty where the server is too old to take them back. */
    static Optional<TableStatistics> read(Connection source) throws SQLException {
        return source.getMetaData().getDatabaseMajorVersion() < FIRST_VERSION
                ? Optional.empty()
                : Optional.of(
                        new TableStatistics(
                                SchemaStatements.texts(source, RELATIONS).getFirst(),
                                SchemaStatements.texts(source, COLUMNS).getFirst()));
    }

    /** Gives them to a database with the same tables. */
    void into(Connection scratch) throws SQLException {
        restore(scratch, RESTORE_RELATIONS, relations);
        restore(scratch, RESTORE_COLUMNS, columns);
    }

    private static void restore(Connection scratch, String sql, String json) throws SQLException {
        try (PreparedStatement select = scratch.prepareStatement(sql)) {
            select.setString(1, json);
            try (ResultSet row = select.executeQuery()) {
                row.next();
            }
        }
    }
}
