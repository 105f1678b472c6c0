package dbmigrate.worker;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What stands in a database at one moment, as one of its sessions sees it, and what this session's
 * transaction has done by then.
 *
 * @param objects those of users, by catalog and oid; members of extensions and temporary ones are
 *     left out
 * @param locks of this transaction on relations, catalogs' and the history's left out
 * @param rows that this transaction has touched; empty where the server does not count
 * @param enumLabels how many there are
 */
record CatalogState(
        Map<String, DatabaseObject> objects,
        Set<Lock> locks,
        Optional<TouchedRows> rows,
        long enumLabels) {
    /** The relations, by which the locks are named. */
    private static final String OF_RELATIONS = "pg_class ";

    private static final String LOCKS =
            """
            select 'pg_class ' || l.relation, l.mode
            from pg_locks l
            where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.granted
              and l.database = (select oid from pg_database where datname = current_database())
              and l.relation >= 16384
              and l.relation is distinct from to_regclass(?)::oid
              and not exists (
                  select from pg_index i
                  where i.indexrelid = l.relation and i.indrelid = to_regclass(?)::oid)
            """;

    private static final String ROWS =
            """
            select current_setting('track_counts') = 'on', coalesce(sum(s.n_tup_ins), 0),
                   coalesce(sum(s.n_tup_upd), 0), coalesce(sum(s.n_tup_del), 0)
            from pg_stat_xact_user_tables s
            join pg_class c on c.oid = s.relid and c.relpersistence <> 't'
            where s.relid is distinct from to_regclass(?)::oid
            """;

    /**
     * An object of a user.
     *
     * @param kind PostgreSQL's own word: table, index, function, table constraint, …
     * @param name with its schema, as PostgreSQL writes it
     * @param file of a table or a materialized view; another one says that it was rewritten
     */
    record DatabaseObject(String kind, String name, Optional<Long> file) {}

    /**
     * A lock on a relation.
     *
     * @param relation the relation's key among the objects
     */
    record Lock(String relation, String mode) {}

    /** How many rows were touched in tables that are not temporary, by whatever statement. */
    record TouchedRows(long inserted, long updated, long deleted) {
        TouchedRows since(TouchedRows before) {
            return new TouchedRows(
                    inserted - before.inserted, updated - before.updated, deleted - before.deleted);
        }
    }

    CatalogState {
        objects = Map.copyOf(objects);
        locks = Set.copyOf(locks);
    }

    /**
     * Looks.
     *
     * @param history Flyway's table, quoted
     */
    static CatalogState read(Connection connection, String history) throws SQLException {
        // The locks first: looking at the objects takes none on users' relations.
        Set<Lock> locks = locks(connection, history);
        return new CatalogState(
                CatalogObjects.read(connection),
                locks,
                rows(connection, history),
                enumLabels(connection));
    }

    /**
     * The same in another transaction of the same session, which has no lock yet. What earlier ones
     * have counted may stand there still: the session tells the server once in a while.
     */
    CatalogState inNewTransaction(Connection connection, String history) throws SQLException {
        return new CatalogState(objects, Set.of(), rows(connection, history), enumLabels);
    }

    private static Optional<TouchedRows> rows(Connection connection, String history)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(ROWS)) {
            select.setString(1, history);
            ResultSet row = select.executeQuery();
            row.next();
            return row.getBoolean(1)
                    ? Optional.of(new TouchedRows(row.getLong(2), row.getLong(3), row.getLong(4)))
                    : Optional.empty();
        }
    }

    private static long enumLabels(Connection connection) throws SQLException {
        try (PreparedStatement select =
                        connection.prepareStatement("select count(*) from pg_enum");
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    private static Set<Lock> locks(Connection connection, String history) throws SQLException {
        Set<Lock> locks = new HashSet<>();
        try (PreparedStatement select = connection.prepareStatement(LOCKS)) {
            select.setString(1, history);
            select.setString(2, history);
            ResultSet row = select.executeQuery();
            while (row.next()) {
                locks.add(new Lock(row.getString(1), row.getString(2)));
            }
        }
        return locks;
    }

    /** The name of a relation that a lock is on. */
    Optional<String> relation(Lock lock) {
        return Optional.ofNullable(objects.get(lock.relation())).map(DatabaseObject::name);
    }

    /** Those that stand here and did not before. */
    List<DatabaseObject> createdSince(CatalogState before) {
        return sorted(
                objects.entrySet().stream()
                        .filter(one -> !before.objects.containsKey(one.getKey()))
                        .map(Map.Entry::getValue)
                        .toList());
    }

    /** Those that have another file now: rewritten, truncated, or refreshed. */
    List<String> rewrittenSince(CatalogState before) {
        return objects.entrySet().stream()
                .filter(one -> one.getKey().startsWith(OF_RELATIONS))
                .filter(one -> {
                    DatabaseObject was = before.objects.get(one.getKey());
                    return was != null && !was.file().equals(one.getValue().file());
                })
                .map(one -> one.getValue().name())
                .sorted()
                .toList();
    }

    private static List<DatabaseObject> sorted(Collection<DatabaseObject> objects) {
        return objects.stream()
                .sorted(Comparator.comparing(one -> one.kind() + " " + one.name()))
                .toList();
    }
}
