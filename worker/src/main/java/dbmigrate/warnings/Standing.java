package dbmigrate.warnings;

import dbmigrate.json.JsonObject;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What stands in the database when a statement's turn comes: what the catalog tells, as far as the
 * statements before it have not changed it. What they create is not there: nobody uses it yet.
 */
final class Standing {
    private final Catalog catalog;
    private final Set<Long> dropped = new HashSet<>();
    private final Map<RelationName, Relation> renamed = new HashMap<>();
    private final Map<Constraint, Optional<String>> unvalidated = new HashMap<>();
    private final Set<Constraint> ofThisScript = new HashSet<>();
    private final Set<Column> withoutNull = new HashSet<>();

    private record Constraint(long table, String name) {}

    private record Column(long table, String name) {}

    Standing(Catalog catalog) {
        this.catalog = catalog;
    }

    Catalog catalog() {
        return catalog;
    }

    /** The transaction of the script before has ended. */
    void nextScript() {
        ofThisScript.clear();
    }

    Optional<Relation> relation(RelationName name) throws SQLException {
        Relation other = renamed.get(name);
        return other != null
                ? Optional.of(other)
                : catalog.relation(name).filter(relation -> !dropped.contains(relation.oid()));
    }

    /** The relation that a RangeVar names. */
    Optional<Relation> relation(JsonObject range) throws SQLException {
        return relation(RelationName.of(range));
    }

    void drop(Relation relation) {
        dropped.add(relation.oid());
        renamed.values().remove(relation);
    }

    void rename(Relation relation, RelationName name) {
        drop(relation);
        renamed.put(name, relation);
    }

    /**
     * Notes a constraint that is not validated.
     *
     * @param notNull the column that it is a NOT NULL of, as a check
     */
    void addUnvalidated(Relation table, String constraint, Optional<String> notNull) {
        unvalidated.put(new Constraint(table.oid(), constraint), notNull);
        ofThisScript.add(new Constraint(table.oid(), constraint));
    }

    /** Notes that a constraint is validated; returns whether this script has added it. */
    boolean validate(Relation table, String constraint) {
        Constraint key = new Constraint(table.oid(), constraint);
        Optional<String> column = unvalidated.getOrDefault(key, Optional.empty());
        column.ifPresent(name -> withoutNull.add(new Column(table.oid(), name)));
        return ofThisScript.contains(key);
    }

    boolean excludesNull(Relation table, String column) throws SQLException {
        return withoutNull.contains(new Column(table.oid(), column))
                || catalog.excludesNull(table, column);
    }
}
