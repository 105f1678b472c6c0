package dbmigrate.worker;

import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import dbmigrate.worker.CatalogState.DatabaseObject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What stands in a database, by which a copy is compared with its source.
 *
 * @param objects that a copy has to have, each with its kind, and the columns of the tables
 * @param leftOut what no copy has
 */
record SchemaShape(Set<String> objects, List<String> leftOut) {
    private static final int MOST_NAMED = 5;

    /** No migration waits for them, or they would act beyond the database. */
    private static final Set<String> LEFT_OUT =
            Set.of(
                    "access method",
                    "aggregate",
                    "cast",
                    "collation",
                    "conversion",
                    "event trigger",
                    "foreign table",
                    "foreign-data wrapper",
                    "language",
                    "operator",
                    "operator class",
                    "operator family",
                    "publication",
                    "server",
                    "shell type",
                    "text search configuration",
                    "text search dictionary",
                    "text search parser",
                    "text search template",
                    "transform");

    /** What a role may be refused, and stands for itself. */
    private static final Pattern REFUSED =
            Pattern.compile("(extension|function|procedure) .*", Pattern.DOTALL);

    private static final String COLUMNS =
            """
            select format('columns of %s: ', c.oid::regclass)
                   || string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod),
                                           attnotnull, attgenerated, attidentity,
                                           pg_get_expr(adbin, adrelid)),
                                 ', ' order by attname)
            from pg_class c join pg_namespace n on n.oid = relnamespace
            join pg_attribute a on attrelid = c.oid and attnum > 0 and not attisdropped
            left join pg_attrdef v on adrelid = attrelid and adnum = attnum
            where relkind in ('r', 'p', 'v', 'm') and relpersistence <> 't'
              and nspname !~ '^pg_' and nspname <> 'information_schema'
              and not exists (select from pg_depend e
                              where e.classid = 'pg_class'::regclass and e.objid = c.oid
                                and e.deptype = 'e')
            group by c.oid
            """;

    SchemaShape {
        objects = Set.copyOf(objects);
        leftOut = List.copyOf(leftOut);
    }

    /**
     * Looks.
     *
     * @param history Flyway's table, quoted
     */
    static SchemaShape read(Connection connection, String history) throws SQLException {
        Set<String> objects = new HashSet<>();
        List<String> leftOut = new ArrayList<>();
        for (DatabaseObject one : CatalogState.read(connection, history).objects().values()) {
            Collection<String> names = LEFT_OUT.contains(one.kind()) ? leftOut : objects;
            names.add(one.kind() + " " + one.name());
        }
        for (String index : SchemaStatements.texts(connection, TableStatements.INVALID_INDEXES)) {
            objects.remove(index);
            leftOut.add("invalid " + index);
        }
        objects.addAll(SchemaStatements.texts(connection, COLUMNS));
        return new SchemaShape(objects, leftOut);
    }

    /** What has to stand in a copy and does not, sorted. */
    List<String> missingIn(SchemaShape copy) {
        Set<String> missing = new TreeSet<>(objects);
        missing.removeAll(copy.objects);
        return List.copyOf(missing);
    }

    /**
     * What is missing, but for what this role may not make.
     *
     * @param refused how many of that there are
     */
    static Optional<Failure> difference(List<String> missing, int refused) {
        boolean explained =
                missing.size() <= refused
                        && missing.stream().allMatch(one -> REFUSED.matcher(one).matches());
        if (explained) {
            return Optional.empty();
        }
        String named =
                missing.stream()
                        // What stands behind a colon may be an expression.
                        .map(one -> one.replaceFirst("(?s): .*", ""))
                        .limit(MOST_NAMED)
                        .collect(Collectors.joining(", "));
        return Optional.of(
                Failure.of(
                        FailureCode.SCHEMA_NOT_COPIED,
                        "the copy differs from the database in %d objects: %s%s"
                                .formatted(
                                        missing.size(),
                                        named,
                                        missing.size() > MOST_NAMED ? ", …" : "")));
    }
}
