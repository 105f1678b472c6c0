package dbmigrate.warnings;

import dbmigrate.json.JsonObject;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A type with its modifiers, and which changes from one to another leave the rows as they are
 * (PostgreSQL's documentation, ALTER TABLE, "Notes"; {@code ATColumnChangeRequiresRewrite} and the
 * support functions of the length coercions).
 *
 * @param name as the server writes it
 * @param modifiers length, or precision and scale
 */
record ColumnType(String name, List<Integer> modifiers) {
    private static final Pattern WRITTEN =
            Pattern.compile("([^(]+?)(?:\\((\\d+)(?:,(-?\\d+))?\\))?( with.*)?(\\[])?");

    private static final Set<String> GROWING =
            Set.of(
                    "character varying",
                    "bit varying",
                    "time without time zone",
                    "time with time zone",
                    "timestamp without time zone",
                    "timestamp with time zone");

    /** Pairs that are stored alike. */
    private static final Set<List<String>> ALIKE =
            Set.of(
                    List.of("character varying", "text"),
                    List.of("text", "character varying"),
                    List.of("cidr", "inet"),
                    List.of("citext", "text"),
                    List.of("text", "citext"));

    /** Pairs that are stored alike as long as the session's time is UTC. */
    private static final Set<String> TIMESTAMPS =
            Set.of("timestamp without time zone", "timestamp with time zone");

    ColumnType {
        modifiers = List.copyOf(modifiers);
    }

    /** As format_type writes it. */
    static ColumnType of(String written) {
        Matcher parts = WRITTEN.matcher(written);
        if (!parts.matches()) {
            return new ColumnType(written, List.of());
        }
        return new ColumnType(
                Stream.of(1, 4, 5)
                        .map(parts::group)
                        .filter(part -> part != null)
                        .reduce("", String::concat),
                Stream.of(2, 3)
                        .map(parts::group)
                        .filter(part -> part != null)
                        .map(Integer::valueOf)
                        .toList());
    }

    /** Of a TypeName node; empty where the database does not know it. */
    static Optional<ColumnType> of(JsonObject typeName, Catalog catalog) throws SQLException {
        List<String> names =
                Tree.strings(typeName, "names").stream()
                        .map(name -> '"' + name.replace("\"", "\"\"") + '"')
                        .toList();
        String array = typeName.objects("arrayBounds").isEmpty() ? "" : "[]";
        List<Integer> modifiers =
                Tree.all(typeName, "typmods", "A_Const").stream()
                        .map(constant -> constant.object("ival").integer("ival").orElse(0))
                        .toList();
        return catalog.typeName(String.join(".", names) + array)
                .map(name -> new ColumnType(name, modifiers));
    }

    /**
     * Whether a column of this type becomes one of the other without being written anew.
     *
     * @param utc whether the session's time zone is UTC
     */
    boolean becomes(ColumnType other, boolean utc) {
        if (!name.equals(other.name)) {
            boolean alike =
                    ALIKE.contains(List.of(name, other.name))
                            || (utc && TIMESTAMPS.containsAll(Set.of(name, other.name)));
            return alike && other.modifiers.isEmpty();
        }
        if (modifiers.equals(other.modifiers)) {
            return true;
        }
        if (other.modifiers.isEmpty()) {
            return GROWING.contains(name) || name.equals("numeric");
        }
        if (modifiers.isEmpty()) {
            return false;
        }
        boolean grows = other.modifiers.getFirst() >= modifiers.getFirst();
        return grows && (GROWING.contains(name) || (name.equals("numeric") && sameScale(other)));
    }

    private boolean sameScale(ColumnType other) {
        return scale() == other.scale();
    }

    private int scale() {
        return modifiers.size() > 1 ? modifiers.get(1) : 0;
    }
}
