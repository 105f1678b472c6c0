package dbmigrate.warnings;

import dbmigrate.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** A relation as a statement names it. */
record RelationName(Optional<String> schema, String name) {
    /** Of a RangeVar. */
    static RelationName of(JsonObject range) {
        return new RelationName(range.string("schemaname"), range.string("relname").orElse(""));
    }

    /** Of the parts of a name with dots. */
    static RelationName of(List<String> parts) {
        return new RelationName(
                parts.size() > 1 ? Optional.of(parts.get(parts.size() - 2)) : Optional.empty(),
                parts.isEmpty() ? "" : parts.getLast());
    }

    /** A name's parts, as SQL writes them. */
    static String quoted(List<String> parts) {
        return parts.stream()
                .map(part -> '"' + part.replace("\"", "\"\"") + '"')
                .collect(Collectors.joining("."));
    }

    /** A name as SQL writes it, quoted where it must be. */
    static String shown(String name) {
        return name.matches("[a-z_][a-z0-9_]*") ? name : quoted(List.of(name));
    }

    RelationName in(String place) {
        return new RelationName(Optional.of(place), name);
    }

    boolean isIn(String place) {
        return schema.equals(Optional.of(place));
    }
}
