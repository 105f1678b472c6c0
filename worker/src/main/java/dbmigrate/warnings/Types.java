package dbmigrate.warnings;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** What the catalog tells of types, of columns, and of what rests on a column's type. */
record Types(Catalog catalog) {
    /**
     * What a domain is stored as.
     *
     * @param type its base type, with its modifiers
     * @param isConstrained whether the domain, or one below it, has a constraint
     */
    record Base(String type, boolean isConstrained) {}

    /** A column's type as SQL writes it; empty where there is no such column. */
    Optional<String> of(Relation table, String column) throws SQLException {
        return catalog.text(
                """
                select format_type(atttypid, atttypmod) from pg_attribute
                where attrelid = ? and attname = ? and not attisdropped
                """,
                table.oid(),
                column);
    }

    /** How the server writes a type's name, in which a migration may use another. */
    Optional<String> name(String written) throws SQLException {
        return catalog.text("select to_regtype(?)::text", written);
    }

    boolean has(List<String> name) throws SQLException {
        return catalog.is(
                "select 1 from pg_type where typname = ?", name.isEmpty() ? "" : name.getLast());
    }

    /** Empty where the type is no domain. */
    Optional<Base> base(String type) throws SQLException {
        return catalog.text(
                        """
                        with recursive base (oid, modifier, isConstrained, depth) as (
                            select to_regtype(?)::oid, -1, false, 0
                            union all
                            select typbasetype, typtypmod,
                                   isConstrained or typnotnull or exists (
                                       select from pg_constraint where contypid = t.oid),
                                   depth + 1
                            from base join pg_type t using (oid) where typtype = 'd')
                        select isConstrained || ' ' || format_type(oid, modifier)
                        from base where depth > 0 order by depth desc limit 1
                        """,
                        type)
                .map(found -> found.split(" ", 2))
                .map(parts -> new Base(parts[1], Boolean.parseBoolean(parts[0])));
    }

    /** Whether a value of one type is one of the other, bit for bit. */
    boolean areAlike(String from, String to) throws SQLException {
        return catalog.is(
                """
                select 1 from pg_cast where castmethod = 'b'
                  and castsource = to_regtype(?) and casttarget = to_regtype(?)
                """,
                from,
                to);
    }

    /**
     * Whether a column's collation changes with its type.
     *
     * @param collation that the statement gives; empty where it gives none
     */
    boolean recollates(Relation table, String column, String type, Optional<String> collation)
            throws SQLException {
        return catalog.is(
                """
                select 1 from pg_attribute
                where attrelid = ? and attname = ? and attcollation is distinct from coalesce(
                    to_regcollation(nullif(?, ''))::oid,
                    (select typcollation from pg_type where oid = to_regtype(?)))
                """,
                table.oid(),
                column,
                collation.orElse(""),
                type);
    }

    /**
     * Whether a new type of a column, though it leaves the rows as they are, has PostgreSQL build
     * an index anew or check a constraint: an index with an expression or a condition it always
     * builds, and a CHECK it always checks.
     *
     * @param operators whether the type's operators, or the collation, become others
     */
    boolean rests(Relation table, String column, boolean operators) throws SQLException {
        return catalog.is(
                """
                select 1 from pg_attribute a
                where attrelid = ? and attname = ? and (exists (
                    select from pg_constraint
                    where conrelid = attrelid and contype = 'c' and convalidated
                      and attnum = any (conkey))
                  or exists (
                    select from pg_index
                    where indrelid = attrelid and (
                        (? and attnum = any (indkey))
                        or ((indexprs is not null or indpred is not null) and exists (
                            select from pg_depend
                            where classid = 'pg_class'::regclass and objid = indexrelid
                              and refclassid = 'pg_class'::regclass and refobjid = attrelid
                              and refobjsubid = attnum)))))
                """,
                table.oid(),
                column,
                operators);
    }

    /** Whether a table has a column of this domain, or of one upon it. */
    boolean isUsed(String domain) throws SQLException {
        return catalog.is(
                """
                with recursive upon (oid) as (
                    select oid from pg_type where oid = to_regtype(?) and typtype = 'd'
                    union
                    select t.oid from upon join pg_type t on typbasetype = upon.oid)
                select 1 from upon
                join pg_attribute on atttypid = upon.oid and not attisdropped
                join pg_class c on c.oid = attrelid and relkind in ('r', 'p', 'm')
                limit 1
                """,
                domain);
    }
}
