package dbmigrate.worker;

/** Queries for the statements that make sequences, tables, views, and what belongs to them. */
final class TableStatements {
    private TableStatements() {}

    private static final String OPTIONS =
            "increment %s minvalue %s maxvalue %s start %s cache %s%s cycle";

    /** Those of identity columns come with their column. */
    static final String SEQUENCES =
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
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_class", "c");

    /** Partitions are tables by themselves first; defaults come later. */
    static final String TABLES =
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
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_class", "c");

    static final String OWNED_SEQUENCES =
            """
            select format('alter sequence %s owned by %s.%I', c.oid::regclass,
                          d.refobjid::regclass, a.attname)
            from pg_class c join pg_namespace n on n.oid = relnamespace
            join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid
                            and d.deptype = 'a' and d.refclassid = 'pg_class'::regclass
            join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
            where relkind = 'S' and
            """
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_class", "c");

    static final String DEFAULTS =
            """
            select format('alter table only %s alter column %I set default %s', c.oid::regclass,
                          attname, pg_get_expr(adbin, adrelid))
            from pg_attrdef v join pg_class c on c.oid = adrelid
            join pg_attribute a on attrelid = adrelid and attnum = adnum
            join pg_namespace n on n.oid = relnamespace
            where attgenerated = '' and relkind in ('r', 'p') and relpersistence <> 't' and
            """
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_class", "c");

    static final String VIEWS =
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
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_class", "c")
                    + " order by c.oid";

    /** A foreign key of a partition comes with its parent's. */
    static final String CONSTRAINTS =
            """
            select format('alter table %s add constraint %I %s', conrelid::regclass, conname,
                          pg_get_constraintdef(k.oid))
            from pg_constraint k join pg_class c on c.oid = conrelid
            join pg_namespace n on n.oid = relnamespace
            where contype in ('p', 'u', 'x', 'c', 'f') and relkind in ('r', 'p')
              and relpersistence <> 't' and not (contype = 'f' and conparentid <> 0) and
            """
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_class", "c")
                    + " order by array_position(array['p', 'u', 'x', 'c', 'f'], contype::text)";

    static final String INDEXES =
            """
            select pg_get_indexdef(indexrelid)
            from pg_index i join pg_class c on c.oid = indrelid
            join pg_namespace n on n.oid = relnamespace
            where relkind in ('r', 'p', 'm') and relpersistence <> 't'
              and (indisvalid or relkind = 'p')
              and not exists (select from pg_constraint
                              where conindid = indexrelid and contype in ('p', 'u', 'x')) and
            """
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_class", "c");

    static final String STATISTICS =
            """
            select pg_get_statisticsobjdef(s.oid)
            from pg_statistic_ext s join pg_namespace n on n.oid = stxnamespace
            where
            """
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_statistic_ext", "s");

    /** Once both have their indexes and constraints: those are joined then. */
    static final String PARTITIONS =
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
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_class", "c")
                    + " order by inhrelid, inhseqno";

    /** A CREATE INDEX CONCURRENTLY that failed leaves one; it is not made in a copy. */
    static final String INVALID_INDEXES =
            """
            select format('index %s', indexrelid::regclass)
            from pg_index i join pg_class c on c.oid = indrelid
            where not indisvalid and relkind <> 'p' and relpersistence <> 't'
            """;
}
