package dbmigrate.warnings;

import dbmigrate.json.JsonObject;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What stands in the database when a statement's turn comes: what the catalog tells, as far as the
 * statements before it have not changed it. What they create is not there: nobody uses it yet.
 */
final class Standing {
    /** The schema of temporary tables, which is always looked into first. */
    static final String TEMPORARY = "pg_temp";

    private final Catalog catalog;
    private final Settings settings;
    private final Set<Long> dropped = new HashSet<>();
    private final Set<RelationName> made = new HashSet<>();
    private final Map<RelationName, Relation> renamed = new HashMap<>();
    private final Map<Constraint, Optional<String>> unvalidated = new HashMap<>();
    private final Set<Constraint> ofThisScript = new HashSet<>();
    private final Set<Column> withoutNull = new HashSet<>();

    private record Constraint(long table, String name) {}

    private record Column(long table, String name) {}

    Standing(Catalog catalog) {
        this.catalog = catalog;
        this.settings = new Settings(catalog);
    }

    Catalog catalog() {
        return catalog;
    }

    Types types() {
        return new Types(catalog);
    }

    Settings settings() {
        return settings;
    }

    /** The transaction of the script before has ended. */
    void nextScript() throws SQLException {
        ofThisScript.clear();
        made.removeIf(name -> name.isIn(TEMPORARY));
        settings.nextScript();
    }

    Optional<Relation> relation(RelationName name) throws SQLException {
        for (RelationName full : places(name)) {
            Optional<Relation> there = at(full);
            if (there.isPresent() || made.contains(full)) {
                return there;
            }
        }
        return Optional.empty();
    }

    private List<RelationName> places(RelationName name) throws SQLException {
        return name.schema().isPresent()
                ? List.of(name)
                : settings.path().stream().map(name::in).toList();
    }

    private Optional<Relation> at(RelationName full) throws SQLException {
        if (made.contains(full)) {
            return Optional.empty();
        }
        Relation other = renamed.get(full);
        return other != null
                ? Optional.of(other)
                : catalog.relation(full.schema().orElse(""), full.name())
                        .filter(relation -> !dropped.contains(relation.oid()));
    }

    /** The relation that a RangeVar names. */
    Optional<Relation> relation(JsonObject range) throws SQLException {
        return relation(RelationName.of(range));
    }

    /** How the server writes a type's name. */
    Optional<String> typeName(List<String> name) throws SQLException {
        List<List<String>> places =
                name.size() > 1
                        ? List.of(name)
                        : settings.path().stream()
                                .map(schema -> List.of(schema, name.getLast()))
                                .toList();
        for (List<String> place : places) {
            Optional<String> found = types().name(RelationName.quoted(place));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /** Notes a table that a statement makes: the name may be that of another one further on. */
    void make(NewTable table) throws SQLException {
        if (table.ifNotExists() && relation(table.name()).isPresent()) {
            return;
        }
        if (table.isTemporary()) {
            made.add(new RelationName(Optional.of(TEMPORARY), table.name().name()));
            return;
        }
        places(table.name()).stream()
                .filter(name -> !name.isIn(TEMPORARY) && !name.isIn("pg_catalog"))
                .findFirst()
                .ifPresent(made::add);
    }

    /** What a statement drops, where it stands. */
    Optional<Relation> drop(RelationName name) throws SQLException {
        for (RelationName full : places(name)) {
            Optional<Relation> there = at(full);
            if (made.remove(full) || there.isPresent()) {
                there.ifPresent(this::drop);
                return there;
            }
        }
        return Optional.empty();
    }

    private void drop(Relation relation) {
        dropped.add(relation.oid());
        renamed.values().remove(relation);
    }

    void rename(Relation relation, String schema, String name) {
        drop(relation);
        renamed.put(new RelationName(Optional.of(schema), name), relation);
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
