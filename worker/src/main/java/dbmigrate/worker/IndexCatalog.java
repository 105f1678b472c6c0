package dbmigrate.worker;

import dbmigrate.database.Identifier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The indexes of the target that a script names.
 *
 * @param schema where Flyway works; names without a schema are looked for there
 */
record IndexCatalog(Connection connection, String schema) {
    /** An index as it stands. */
    record Index(String schema, String name, boolean valid) {
        /** {@code schema.name}, both quoted. */
        String quoted() {
            return Identifier.quote(schema) + "." + Identifier.quote(name);
        }
    }

    /** The indexes that stand now of those that a statement makes, drops or leaves behind. */
    List<Index> named(IndexStatement statement) throws SQLException {
        return switch (statement) {
            case IndexStatement.Create create ->
                    query("i.indrelid = t.oid and c.relname = ?", create.table(), create.index());
            case IndexStatement.Drop drop -> query("c.oid = t.oid", drop.index());
            case IndexStatement.ReindexIndex index ->
                    query(
                            "i.indrelid = (select indrelid from pg_index where indexrelid = t.oid)"
                                    + " and not i.indisvalid and c.relname ~ ?",
                            index.index(),
                            LEFT_BY_REINDEX);
            case IndexStatement.ReindexTable table ->
                    query(
                            "i.indrelid = t.oid and not i.indisvalid and c.relname ~ ?",
                            table.table(),
                            LEFT_BY_REINDEX);
            case IndexStatement.Harmless _ -> List.of();
        };
    }

    /** Drops an index without holding up the application. */
    void drop(Index index) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("drop index concurrently if exists " + index.quoted());
        }
    }

    /**
     * PostgreSQL's documentation, "REINDEX": the suffixes of what a failed concurrent rebuild
     * leaves.
     */
    private static final String LEFT_BY_REINDEX = "_cc(new|old)\\d*$";

    /** Looks around one relation, {@code t}, that the script writes as {@code relation}. */
    private List<Index> query(String condition, String relation, String... values)
            throws SQLException {
        String sql =
                """
                select n.nspname, c.relname, i.indisvalid
                from (select coalesce(to_regclass(?), to_regclass(?))::oid as oid) t, pg_index i
                join pg_class c on c.oid = i.indexrelid
                join pg_namespace n on n.oid = c.relnamespace
                where\s\
                """
                        + condition;
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, Identifier.quote(schema) + "." + relation);
            select.setString(2, relation);
            for (int i = 0; i < values.length; i++) {
                select.setString(i + 3, values[i]);
            }
            ResultSet row = select.executeQuery();
            List<Index> indexes = new ArrayList<>();
            while (row.next()) {
                indexes.add(new Index(row.getString(1), row.getString(2), row.getBoolean(3)));
            }
            return indexes;
        }
    }
}
