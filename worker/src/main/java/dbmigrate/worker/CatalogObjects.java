package dbmigrate.worker;

import dbmigrate.worker.CatalogState.DatabaseObject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The objects of users in a database; members of extensions and temporary ones are left out, and
 * what comes with another one by itself.
 */
final class CatalogObjects {
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

    private CatalogObjects() {}

    /** Looks; they are by catalog and oid. */
    static Map<String, DatabaseObject> read(Connection connection) throws SQLException {
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
}
