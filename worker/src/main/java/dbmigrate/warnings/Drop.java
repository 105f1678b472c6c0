package dbmigrate.warnings;

import dbmigrate.json.JsonObject;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** DROP of whatever it is. */
record Drop(Standing standing, Findings findings, Statements statements) {
    void check(JsonObject statement) throws SQLException {
        boolean cascades = Tree.kind(statement, "behavior").equals("DROP_CASCADE");
        for (JsonObject object : statement.objects("objects")) {
            boolean stands = check(statement, object);
            if (stands && cascades) {
                findings.add(Rule.DROP_CASCADE, Optional.of(String.join(".", names(object))));
            }
        }
    }

    /** Returns whether the object stands, as far as that can be told. */
    private boolean check(JsonObject statement, JsonObject object) throws SQLException {
        List<String> names = names(object);
        return switch (Tree.kind(statement, "removeType")) {
            case "OBJECT_TABLE", "OBJECT_FOREIGN_TABLE", "OBJECT_MATVIEW" ->
                    relation(names, Rule.DROP_TABLE, true);
            case "OBJECT_VIEW" ->
                    relation(names, Rule.DROP_VIEW, !statements.makesView(names.getLast()));
            case "OBJECT_INDEX" ->
                    relation(names, Rule.DROP_INDEX, !statement.isTrue("concurrent"));
            case "OBJECT_SEQUENCE" -> relation(names, Rule.DROP_TABLE, false);
            case "OBJECT_SCHEMA" -> {
                boolean stands = standing.catalog().hasSchema(names.getFirst());
                if (stands) {
                    findings.add(Rule.DROP_SCHEMA, Optional.of(names.getFirst()));
                }
                yield stands;
            }
            default -> true;
        };
    }

    private boolean relation(List<String> names, Rule rule, boolean warns) throws SQLException {
        Optional<Relation> relation = standing.drop(RelationName.of(names));
        if (warns) {
            relation.ifPresent(dropped -> findings.add(rule, dropped));
        }
        return relation.isPresent();
    }

    /** A name is a list of its parts, a text, or stands within a type or a function. */
    private static List<String> names(JsonObject object) {
        if (object.presentObject("List").isPresent()) {
            return Tree.strings(object.object("List"), "items");
        }
        if (object.presentObject("TypeName").isPresent()) {
            return Tree.strings(object.object("TypeName"), "names");
        }
        if (object.presentObject("ObjectWithArgs").isPresent()) {
            return Tree.strings(object.object("ObjectWithArgs"), "objname");
        }
        return List.of(object.object("String").string("sval").orElse(""));
    }
}
