package dbmigrate.warnings;

import java.sql.SQLException;
import java.util.List;
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

    private static final int MOST_DIGITS_OF_A_SECOND = 6;

    private static final Set<String> TIMES =
            Set.of(
                    "time without time zone",
                    "time with time zone",
                    "timestamp without time zone",
                    "timestamp with time zone");

    /** Stored alike as long as the session's time is UTC. */
    private static final Set<String> TIMESTAMPS =
            Set.of("timestamp without time zone", "timestamp with time zone");

    private static final Set<String> GROWING =
            Set.of("character varying", "bit varying", "numeric");

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

    /** Whether a column of this type becomes one of the other without being written anew. */
    boolean becomes(ColumnType other, Types types, boolean utc) throws SQLException {
        if (!name.equals(other.name)) {
            boolean alike =
                    types.areAlike(name, other.name)
                            || (utc && TIMESTAMPS.containsAll(List.of(name, other.name)));
            return alike && other.modifiers.isEmpty();
        }
        if (modifiers.equals(other.modifiers)) {
            return true;
        }
        if (TIMES.contains(name)) {
            return other.digits() >= digits();
        }
        if (!GROWING.contains(name) || other.modifiers.isEmpty()) {
            return GROWING.contains(name);
        }
        return !modifiers.isEmpty()
                && other.modifiers.getFirst() >= modifiers.getFirst()
                && (!name.equals("numeric") || sameScale(other));
    }

    private int digits() {
        return modifiers.isEmpty() ? MOST_DIGITS_OF_A_SECOND : modifiers.getFirst();
    }

    private boolean sameScale(ColumnType other) {
        return scale() == other.scale();
    }

    private int scale() {
        return modifiers.size() > 1 ? modifiers.get(1) : 0;
    }
}
