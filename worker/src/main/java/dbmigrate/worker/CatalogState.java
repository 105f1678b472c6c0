package dbmigrate.worker;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
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

    /** An oid from which on objects are users': FirstNormalObjectId of PostgreSQL's source. */
    private static final String OBJECTS =
            """
            with object as (
                select 'pg_class'::regclass as catalog, oid,
                       case when relkind in ('r', 'm') then relfilenode end as file
                from pg_class
                where relkind in ('r', 'p', 'v', 'm', 'S', 'i', 'I', 'f', 'c')
                  and relpersistence <> 't' and relnamespace <> 'pg_toast'::regnamespace
                union all
                select 'pg_proc'::regclass, oid, null from pg_proc
                where pronamespace <> pg_my_temp_schema()
                union all
                select 'pg_type'::regclass, oid, null from pg_type
                where (typtype in ('e', 'd', 'r', 'b') or not typisdefined)
                  and typcategory <> 'A' and typnamespace <> pg_my_temp_schema()
                union all
                select 'pg_namespace'::regclass, oid, null from pg_namespace
                where nspname !~ '^pg_'
                union all
                select 'pg_constraint'::regclass, oid, null from pg_constraint
                where contype in ('c', 'f', 'p', 'u', 'x') and conparentid = 0
                  and connamespace <> pg_my_temp_schema()
                union all
                select 'pg_trigger'::regclass, t.oid, null
                from pg_trigger t join pg_class c on c.oid = t.tgrelid
                where not t.tgisinternal and t.tgparentid = 0 and c.relpersistence <> 't'
                union all select 'pg_policy'::regclass, oid, null from pg_policy
                union all select 'pg_extension'::regclass, oid, null from pg_extension
                union all select 'pg_statistic_ext'::regclass, oid, null from pg_statistic_ext
                union all select 'pg_collation'::regclass, oid, null from pg_collation
                union all select 'pg_operator'::regclass, oid, null from pg_operator
                union all select 'pg_opfamily'::regclass, oid, null from pg_opfamily
                union all select 'pg_opclass'::regclass, oid, null from pg_opclass
                union all select 'pg_am'::regclass, oid, null from pg_am
                union all select 'pg_cast'::regclass, oid, null from pg_cast
                union all select 'pg_conversion'::regclass, oid, null from pg_conversion
                union all select 'pg_language'::regclass, oid, null from pg_language
                union all select 'pg_transform'::regclass, oid, null from pg_transform
                union all select 'pg_ts_config'::regclass, oid, null from pg_ts_config
                union all select 'pg_ts_dict'::regclass, oid, null from pg_ts_dict
                union all select 'pg_ts_parser'::regclass, oid, null from pg_ts_parser
                union all select 'pg_ts_template'::regclass, oid, null from pg_ts_template
                union all select 'pg_event_trigger'::regclass, oid, null from pg_event_trigger
                union all select 'pg_publication'::regclass, oid, null from pg_publication
                union all
                select 'pg_foreign_server'::regclass, oid, null from pg_foreign_server
                union all
                select 'pg_foreign_data_wrapper'::regclass, oid, null
                from pg_foreign_data_wrapper
            )
            select o.catalog || ' ' || o.oid,
                   case when o.catalog = 'pg_type'::regclass
                             and not (select typisdefined from pg_type t where t.oid = o.oid)
                        then 'shell type' else i.type end,
                   i.identity, o.file
            from object o cross join lateral pg_identify_object(o.catalog, o.oid, 0) i
            where o.oid >= 16384 and i.identity is not null
              and not exists (
                  select from pg_depend d
                  where d.classid = o.catalog and d.objid = o.oid
                    and (d.deptype = 'e'
                         -- What comes with a range: functions, a cast, its multirange.
                         or d.deptype = 'i' and o.catalog <> 'pg_class'::regclass
                            and o.catalog <> 'pg_constraint'::regclass))
            """;

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
                objects(connection), locks, rows(connection, history), enumLabels(connection));
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

    private static Map<String, DatabaseObject> objects(Connection connection) throws SQLException {
        Map<String, DatabaseObject> objects = new HashMap<>();
        try (PreparedStatement select = connection.prepareStatement(OBJECTS);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                long file = row.getLong(4);
                objects.put(
                        row.getString(1),
                        new DatabaseObject(
                                row.getString(2),
                                row.getString(3),
                                row.wasNull() ? Optional.empty() : Optional.of(file)));
            }
        }
        return objects;
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
