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

    private static final String SCHEMAS =
            "select format('create schema if not exists %I', nspname) from pg_namespace n where"
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_namespace", "n");

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
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_type", "t");

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
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_class", "c");

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
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_type", "t");

    private static final String RANGES =
            """
            select format('create type %I.%I as range (subtype = %s)', nspname, typname,
                          format_type(rngsubtype, null))
            from pg_range r join pg_type t on t.oid = rngtypid
            join pg_namespace n on n.oid = typnamespace
            where
            """
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_type", "t");

    private static final String FUNCTIONS =
            """
            select pg_get_functiondef(p.oid)
            from pg_proc p join pg_namespace n on n.oid = pronamespace
            where prokind in ('f', 'p', 'w') and
            """
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_proc", "p");

    private static final List<String> ALL =
            List.of(
                    SCHEMAS,
                    EXTENSIONS,
                    ENUMS,
                    DOMAINS,
                    COMPOSITES,
                    RANGES,
                    TableStatements.SEQUENCES,
                    TableStatements.TABLES,
                    TableStatements.OWNED_SEQUENCES,
                    FUNCTIONS,
                    TableStatements.DEFAULTS,
                    TableStatements.VIEWS,
                    TableStatements.CONSTRAINTS,
                    TableStatements.INDEXES,
                    TableStatements.STATISTICS,
                    TriggerStatements.TRIGGERS,
                    TriggerStatements.TRIGGER_STATES,
                    TriggerStatements.RULES,
                    TriggerStatements.POLICIES,
                    TriggerStatements.ROW_SECURITY);

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
        return texts(connection, TableStatements.PARTITIONS);
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
