package dbmigrate.worker;

import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes out of PostgreSQL's words and of SQL what may be data, so that the rest can be shown to
 * whoever may ask for a process: string and number literals, values in details, values of
 * placeholders.
 *
 * @param placeholders names and values that Flyway puts into the SQL
 */
record Masking(Map<String, String> placeholders) {
    private static final String MASK = "…";

    /** A caller reads a statement, not a data file. */
    private static final int LONGEST_STATEMENT = 2_000;

    /** Shorter values are masked only where they stand alone: an "a" is in every other word. */
    private static final int SHORTEST_DISTINCT_VALUE = 4;

    /** {@code Key (email)=(a@b.c) already exists}, {@code Failing row contains (1, x)}. */
    private static final Pattern DETAIL_VALUES =
            Pattern.compile("(=|contains )\\(.*\\)", Pattern.DOTALL);

    private static final Pattern SINGLE_QUOTED = Pattern.compile("'[^']*('|\\z)");
    private static final Pattern DOLLAR_QUOTED =
            Pattern.compile("(\\$[A-Za-z_]?\\w*\\$).*?(\\1|\\z)", Pattern.DOTALL);
    private static final Pattern DOUBLE_QUOTED = Pattern.compile("\"[^\"]*(\"|\\z)");

    /** A quoted token of a syntax error that begins like a number is a literal. */
    private static final Pattern QUOTED_NUMBER = Pattern.compile("\"[-+.]?\\d[^\"]*(\"|\\z)");

    /** In class 22, data exceptions, what stands in double quotes is a value, not a name. */
    private static final Set<String> VALUES_QUOTED = Set.of("22");

    Masking {
        placeholders = Map.copyOf(placeholders);
    }

    /** A statement without its literals and comments, cut at 2,000 characters. */
    String statement(String sql) {
        String shown = withoutPlaceholders(SqlText.masked(sql, MASK).strip());
        return shown.length() <= LONGEST_STATEMENT
                ? shown
                : shown.substring(0, LONGEST_STATEMENT) + MASK;
    }

    /** PostgreSQL's primary message: names stay, values go. */
    String message(String message, String sqlState) {
        String masked =
                DOLLAR_QUOTED
                        .matcher(SINGLE_QUOTED.matcher(message).replaceAll("'" + MASK + "'"))
                        .replaceAll("'" + MASK + "'");
        Pattern quoted =
                VALUES_QUOTED.contains(sqlState.substring(0, Math.min(2, sqlState.length())))
                        ? DOUBLE_QUOTED
                        : QUOTED_NUMBER;
        return withoutPlaceholders(quoted.matcher(masked).replaceAll("\"" + MASK + "\""));
    }

    /** PostgreSQL's detail: which columns, but not what is in them. */
    String detail(String detail, String sqlState) {
        return message(DETAIL_VALUES.matcher(detail).replaceAll("$1(" + MASK + ")"), sqlState);
    }

    private String withoutPlaceholders(String text) {
        String masked = text;
        for (Map.Entry<String, String> one : placeholders.entrySet()) {
            if (!one.getValue().isEmpty()) {
                String value = Pattern.quote(one.getValue());
                String pattern =
                        one.getValue().length() >= SHORTEST_DISTINCT_VALUE
                                ? value
                                : "(?<![\\w.-])" + value + "(?![\\w.-])";
                masked =
                        masked.replaceAll(
                                pattern, Matcher.quoteReplacement("${" + one.getKey() + "}"));
            }
        }
        return masked;
    }
}
