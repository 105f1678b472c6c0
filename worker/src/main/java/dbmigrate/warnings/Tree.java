package dbmigrate.warnings;

import dbmigrate.json.JsonObject;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Reads the parser's trees: a node is an object whose one member is named for its kind. */
final class Tree {
    private Tree() {}

    /** The node's content, where it is of this kind. */
    static Optional<JsonObject> as(JsonObject node, String kind) {
        return node.presentObject(kind);
    }

    /** The contents of a list's nodes that are of this kind. */
    static List<JsonObject> all(JsonObject parent, String list, String kind) {
        return parent.objects(list).stream()
                .flatMap(node -> node.presentObject(kind).stream())
                .toList();
    }

    /** The texts of a list of String nodes. */
    static List<String> strings(JsonObject parent, String list) {
        return all(parent, list, "String").stream()
                .flatMap(text -> text.string("sval").stream())
                .toList();
    }

    /** The column that an expression is. */
    static Optional<String> column(JsonObject expression) {
        return as(expression, "ColumnRef")
                .map(reference -> strings(reference, "fields"))
                .filter(names -> !names.isEmpty())
                .map(List::getLast);
    }

    /** A member that says of what kind something is, empty where it says nothing. */
    static String kind(JsonObject node, String member) {
        return node.string(member).orElse("");
    }

    /** Visits everything in a tree that has a name. */
    static void walk(@Nullable Object value, BiConsumer<String, JsonObject> visit) {
        if (value instanceof Map<?, ?> object) {
            JsonObject.of(object)
                    .members()
                    .forEach((name, child) -> {
                        visit.accept(name, JsonObject.of(child));
                        walk(child, visit);
                    });
        } else if (value instanceof Collection<?> list) {
            list.forEach(child -> walk(child, visit));
        }
    }
}
