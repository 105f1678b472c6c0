package dbmigrate.worker;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The statements that make a database's schema, as PostgreSQL's own functions give them from the
 * catalogs ({@code pg_get_…def}): nothing is left to a program that a function of Lambda has not.
 *
 * <p>They are read with an empty search path, so that every name has its schema. They are in an
 * order in which most of them can be done; what depends on another one stands before it now and
 * then, and is done when it is tried again.
 */
final class SchemaStatements {
    private SchemaStatements() {}

    static final String USERS = " nspname !~ '^pg_' and nspname <> 'information_schema' ";

    /** Members of extensions come with their extension, what a range brings with the range. */
    static String isNoMember(String catalog, String alias) {
        return """
         not exists (select from pg_depend e
                     where e.classid = '%1$s'::regclass and e.objid = %2$s.oid
                       and (e.deptype = 'e' or e.deptype = 'i' and '%1$s' <> 'pg_class'))
        """
                .formatted(catalog, alias);
    }

    private static final String SCHEMAS =
            "select format('create schema if not exists %I', nspname) from pg_namespace n where"
                    + USERS
                    + "and "
                    + isNoMember("pg_namespace", "n");

    private static final String EXTENSIONS =
            """
            select format('create extension if not exists %I with schema %I version %L',
                          extname, nspname, extversion)
            from pg_extension e join pg_namespace n on n.oid = extnamespace
            where extname <> 'plpgsql'
            """;

    private static final String ENUMS =
            """
            select format('create type %I.%I as enum (%s)', nspname, typname,
                          (select string_agg(quote_literal(enumlabel), ', ' order by enumsortorder)
                           from pg_enum where enumtypid = t.oid))
            from pg_type t join pg_namespace n on n.oid = typnamespace
            where typtype = 'e' and
            """
                    + USERS
                    + "and "
                    + isNoMember("pg_type", "t");

    private static final String COMPOSITES =
            """
            select format('create type %s as (%s)', c.oid::regclass,
                          (select string_agg(format('%I %s', attname,
                                                    format_type(atttypid, atttypmod)), ', '
                                             order by attnum)
                           from pg_attribute where attrelid = c.oid and not attisdropped))
            from pg_class c join pg_namespace n on n.oid = relnamespace
            where relkind = 'c' and
            """
                    + USERS
                    + "and "
                    + isNoMember("pg_class", "c");

    private static final String DOMAINS =
            """
            select format('create domain %I.%I as %s%s%s%s%s', nspname, typname,
                          format_type(typbasetype, typtypmod),
                          case when t.typcollation not in (0, b.typcollation)
                               then ' collate ' || t.typcollation::regcollation else '' end,
                          coalesce(' default ' || pg_get_expr(t.typdefaultbin, 0), ''),
                          case when t.typnotnull then ' not null' else '' end,
                          (select string_agg(format(' constraint %I %s', conname,
                                                    pg_get_constraintdef(k.oid)), '')
                           from pg_constraint k where contypid = t.oid and contype = 'c'))
            from pg_type t
            join pg_namespace n on n.oid = typnamespace
            join (select oid as base, typcollation from pg_type) b on b.base = t.typbasetype
            where typtype = 'd' and
            """
                    + USERS
                    + "and "
                    + isNoMember("pg_type", "t");

    private static final String RANGES =
            """
            select format('create type %I.%I as range (subtype = %s)', nspname, typname,
                          format_type(rngsubtype, null))
            from pg_range r join pg_type t on t.oid = rngtypid
            join pg_namespace n on n.oid = typnamespace
            where
            """
                    + USERS
                    + "and "
                    + isNoMember("pg_type", "t");

    private static final String OPTIONS =
            "increment %s minvalue %s maxvalue %s start %s cache %s%s cycle";

    /** Those of identity columns come with their column. */
    private static final String SEQUENCES =
            """
            select format('create sequence %%s as %%s %s', c.oid::regclass,
                          format_type(seqtypid, null), seqincrement, seqmin, seqmax, seqstart,
                          seqcache, case when seqcycle then '' else ' no' end)
            from pg_sequence s join pg_class c on c.oid = seqrelid
            join pg_namespace n on n.oid = relnamespace
            where relpersistence <> 't'
              and not exists (select from pg_depend d
                              where d.classid = 'pg_class'::regclass and d.objid = c.oid
                                and d.deptype = 'i') and
            """
                            .formatted(OPTIONS)
                    + USERS
                    + "and "
                    + isNoMember("pg_class", "c");

    /** Partitions are tables by themselves first; defaults come later. */
    private static final String TABLES =
            """
            select format('create %%stable %%s (%%s)%%s%%s',
                case when relpersistence = 'u' then 'unlogged ' else '' end,
                c.oid::regclass,
                (select string_agg(format('%%I %%s%%s%%s%%s%%s', attname,
                     format_type(atttypid, atttypmod),
                     case when attcollation not in (0, t.typcollation)
                          then ' collate ' || attcollation::regcollation else '' end,
                     case attgenerated
                          when 's' then format(' generated always as (%%s) stored',
                                               pg_get_expr(adbin, adrelid))
                          when 'v' then format(' generated always as (%%s) virtual',
                                               pg_get_expr(adbin, adrelid))
                          else '' end,
                     (select format(' generated %%s as identity (sequence name %%s %s)',
                                    case attidentity when 'a' then 'always' else 'by default' end,
                                    seqrelid::regclass, seqincrement, seqmin, seqmax, seqstart,
                                    seqcache, case when seqcycle then '' else ' no' end)
                      from pg_sequence s join pg_depend d
                        on d.classid = 'pg_class'::regclass and d.objid = seqrelid
                       and d.deptype = 'i' and d.refobjid = c.oid and d.refobjsubid = attnum
                      where attidentity <> ''),
                     case when attnotnull then ' not null' else '' end), ', ' order by attnum)
                 from pg_attribute a join pg_type t on t.oid = atttypid
                 left join pg_attrdef v on adrelid = attrelid and adnum = attnum
                 where attrelid = c.oid and attnum > 0 and not attisdropped),
                case when relkind = 'p' then ' partition by ' || pg_get_partkeydef(c.oid)
                     else '' end,
                coalesce(' with (' || array_to_string(reloptions, ', ') || ')', ''))
            from pg_class c join pg_namespace n on n.oid = relnamespace
            where relkind in ('r', 'p') and relpersistence <> 't' and
            """
                            .formatted(OPTIONS)
                    + USERS
                    + "and "
                    + isNoMember("pg_class", "c");

    private static final String OWNED_SEQUENCES =
            """
            select format('alter sequence %s owned by %s.%I', c.oid::regclass,
                          d.refobjid::regclass, a.attname)
            from pg_class c join pg_namespace n on n.oid = relnamespace
            join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid
                            and d.deptype = 'a' and d.refclassid = 'pg_class'::regclass
            join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
            where relkind = 'S' and
            """
                    + USERS;

    private static final String FUNCTIONS =
            """
            select pg_get_functiondef(p.oid)
            from pg_proc p join pg_namespace n on n.oid = pronamespace
            where prokind in ('f', 'p', 'w') and
            """
                    + USERS
                    + "and "
                    + isNoMember("pg_proc", "p");

    private static final String DEFAULTS =
            """
            select format('alter table only %s alter column %I set default %s', c.oid::regclass,
                          attname, pg_get_expr(adbin, adrelid))
            from pg_attrdef v join pg_class c on c.oid = adrelid
            join pg_attribute a on attrelid = adrelid and attnum = adnum
            join pg_namespace n on n.oid = relnamespace
            where attgenerated = '' and relkind in ('r', 'p') and relpersistence <> 't' and
            """
                    + USERS
                    + "and "
                    + isNoMember("pg_class", "c");

    private static final String VIEWS =
            """
            select format('create %sview %s%s as %s%s',
                          case when relkind = 'm' then 'materialized ' else '' end,
                          c.oid::regclass,
                          coalesce(' with (' || array_to_string(reloptions, ', ') || ')', ''),
                          rtrim(pg_get_viewdef(c.oid), ';'),
                          case when relkind = 'm' and not relispopulated
                               then ' with no data' else '' end)
            from pg_class c join pg_namespace n on n.oid = relnamespace
            where relkind in ('v', 'm') and relpersistence <> 't' and
            """
                    + USERS
                    + "and "
                    + isNoMember("pg_class", "c")
                    + " order by c.oid";

    /** A foreign key of a partition comes with its parent's. */
    private static final String CONSTRAINTS =
            """
            select format('alter table %s add constraint %I %s', conrelid::regclass, conname,
                          pg_get_constraintdef(k.oid))
            from pg_constraint k join pg_class c on c.oid = conrelid
            join pg_namespace n on n.oid = relnamespace
            where contype in ('p', 'u', 'x', 'c', 'f') and relkind in ('r', 'p')
              and relpersistence <> 't' and not (contype = 'f' and conparentid <> 0) and
            """
                    + USERS
                    + "and "
                    + isNoMember("pg_class", "c")
                    + " order by array_position(array['p', 'u', 'x', 'c', 'f'], contype::text)";

    private static final String INDEXES =
            """
            select pg_get_indexdef(indexrelid)
            from pg_index i join pg_class c on c.oid = indrelid
            join pg_namespace n on n.oid = relnamespace
            where relkind in ('r', 'p', 'm') and relpersistence <> 't'
              and (indisvalid or relkind = 'p')
              and not exists (select from pg_constraint
                              where conindid = indexrelid and contype in ('p', 'u', 'x')) and
            """
                    + USERS
                    + "and "
                    + isNoMember("pg_class", "c");

    private static final String STATISTICS =
            """
            select pg_get_statisticsobjdef(s.oid)
            from pg_statistic_ext s join pg_namespace n on n.oid = stxnamespace
            where
            """
                    + USERS;

    private static final String TRIGGERS =
            """
            select pg_get_triggerdef(t.oid)
            from pg_trigger t join pg_class c on c.oid = tgrelid
            join pg_namespace n on n.oid = relnamespace
            where not tgisinternal and tgparentid = 0 and relpersistence <> 't' and
            """
                    + USERS
                    + "and "
                    + isNoMember("pg_class", "c");

    private static final String TRIGGER_STATES =
            """
            select format('alter table %s %s trigger %I', tgrelid::regclass,
                          case tgenabled when 'D' then 'disable' when 'A' then 'enable always'
                                         else 'enable replica' end, tgname)
            from pg_trigger t join pg_class c on c.oid = tgrelid
            join pg_namespace n on n.oid = relnamespace
            where not tgisinternal and tgparentid = 0 and tgenabled <> 'O'
              and relpersistence <> 't' and
            """
                    + USERS;

    private static final String RULES =
            """
            select pg_get_ruledef(r.oid)
            from pg_rewrite r join pg_class c on c.oid = ev_class
            join pg_namespace n on n.oid = relnamespace
            where rulename <> '_RETURN' and relpersistence <> 't' and
            """
                    + USERS
                    + "and "
                    + isNoMember("pg_class", "c");

    private static final String POLICIES =
            """
            select format('create policy %I on %s as %s for %s to %s%s%s', polname,
                          polrelid::regclass,
                          case when polpermissive then 'permissive' else 'restrictive' end,
                          case polcmd when 'r' then 'select' when 'a' then 'insert'
                                      when 'w' then 'update' when 'd' then 'delete'
                                      else 'all' end,
                          (select string_agg(case when role = 0 then 'public'
                                                  else role::regrole::text end, ', ')
                           from unnest(polroles) role),
                          coalesce(' using (' || pg_get_expr(polqual, polrelid) || ')', ''),
                          coalesce(' with check (' || pg_get_expr(polwithcheck, polrelid) || ')',
                                   ''))
            from pg_policy p join pg_class c on c.oid = polrelid
            join pg_namespace n on n.oid = relnamespace
            where
            """
                    + USERS
                    + "and "
                    + isNoMember("pg_class", "c");

    private static final String ROW_SECURITY =
            """
            select format('alter table %s %s row level security', c.oid::regclass, word)
            from pg_class c join pg_namespace n on n.oid = relnamespace
            cross join (values ('enable'), ('force')) as words (word)
            where case word when 'enable' then relrowsecurity else relforcerowsecurity end and
            """
                    + USERS
                    + "and "
                    + isNoMember("pg_class", "c");

    /** Once both have their indexes and constraints: those are joined then. */
    private static final String PARTITIONS =
            """
            select case when c.relispartition
                        then format('alter table %s attach partition %s %s', inhparent::regclass,
                                    inhrelid::regclass, pg_get_expr(c.relpartbound, c.oid))
                        else format('alter table %s inherit %s', inhrelid::regclass,
                                    inhparent::regclass) end
            from pg_inherits i join pg_class c on c.oid = inhrelid
            join pg_namespace n on n.oid = relnamespace
            where c.relkind in ('r', 'p') and c.relpersistence <> 't' and
            """
                    + USERS
                    + "and "
                    + isNoMember("pg_class", "c")
                    + " order by inhrelid, inhseqno";

    private static final List<String> ALL =
            List.of(
                    SCHEMAS,
                    EXTENSIONS,
                    ENUMS,
                    DOMAINS,
                    COMPOSITES,
                    RANGES,
                    SEQUENCES,
                    TABLES,
                    OWNED_SEQUENCES,
                    FUNCTIONS,
                    DEFAULTS,
                    VIEWS,
                    CONSTRAINTS,
                    INDEXES,
                    STATISTICS,
                    TRIGGERS,
                    TRIGGER_STATES,
                    RULES,
                    POLICIES,
                    ROW_SECURITY);

    /** A CREATE INDEX CONCURRENTLY that failed leaves one; it is not made in a copy. */
    static final String INVALID_INDEXES =
            """
            select format('index %s', indexrelid::regclass)
            from pg_index i join pg_class c on c.oid = indrelid
            where not indisvalid and relkind <> 'p' and relpersistence <> 't'
            """;

    /** Everything but what belongs together of partitioned and inheriting tables. */
    static List<String> first(Connection connection) throws SQLException {
        List<String> statements = new ArrayList<>();
        for (String sql : ALL) {
            statements.addAll(texts(connection, sql));
        }
        return statements;
    }

    /** What joins tables. */
    static List<String> last(Connection connection) throws SQLException {
        return texts(connection, PARTITIONS);
    }

    /** The first column of a query. */
    static List<String> texts(Connection connection, String sql) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                texts.add(row.getString(1));
            }
        }
        return texts;
    }
}
