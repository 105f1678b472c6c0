package dbmigrate.worker;

import java.util.Map;
import java.util.Optional;
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

    /** {@code Key (email)=(a@b.c) already exists}, in the server's own language. */
    private static final Pattern KEY =
            Pattern.compile("^([^(]*\\([^()]*\\)=)\\(.*\\)", Pattern.DOTALL);

    /** {@code Failing row contains (1, x)}: everything that parentheses hold. */
    private static final Pattern PARENTHESES = Pattern.compile("\\(.*\\)", Pattern.DOTALL);

    /** The violations whose details name the columns of a key before its values. */
    private static final Set<String> OF_KEYS = Set.of("23503", "23505", "23P01");

    /**
     * The classes whose details name objects and sessions. Those of every other may quote data, in
     * words that depend on the server's language, and are not shown.
     */
    private static final Set<String> DETAILS_NAME_OBJECTS =
            Set.of("08", "0A", "28", "2B", "3D", "40", "42", "53", "55", "57");

    private static final Pattern DOLLAR_QUOTED =
            Pattern.compile("(\\$[A-Za-z_]?\\w*\\$).*?(\\1|\\z)", Pattern.DOTALL);

    /** A value may hold quotes itself: from the first to the last. */
    private static final Pattern DOUBLE_QUOTED =
            Pattern.compile("\".*\"|\"[^\"]*\\z", Pattern.DOTALL);

    private static final Pattern NOT_ASCII = Pattern.compile("[^\\x00-\\x7f…]");

    /**
     * A quoted token of a syntax error that begins like a number is a literal; some languages have
     * quotation marks of their own, and blanks within them.
     */
    private static final Pattern QUOTED_NUMBER =
            Pattern.compile(
                    "[\"\u00ab\u00bb\u201c\u201e][\\s\u00a0\u202f]?[-+.]?\\d"
                            + "[^\"\u00ab\u00bb\u201c\u201d]*([\"\u00ab\u00bb\u201c\u201d]|\\z)");

    private static final String DATA_EXCEPTION = "22";
    private static final String CONSTRAINT_VIOLATION = "23";

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

    /**
     * PostgreSQL's primary message: names stay, values go. In class 22, data exceptions, what
     * stands in quotes is a value; which quotes these are depends on the server's language, and in
     * one that is not English nothing is shown.
     */
    String message(String message, String sqlState) {
        String masked =
                DOLLAR_QUOTED
                        .matcher(QuotedWords.masked(message, "'" + MASK + "'"))
                        .replaceAll("'" + MASK + "'");
        if (!sqlState.startsWith(DATA_EXCEPTION)) {
            return withoutPlaceholders(
                    QUOTED_NUMBER.matcher(masked).replaceAll("\"" + MASK + "\""));
        }
        String unquoted = DOUBLE_QUOTED.matcher(masked).replaceAll("\"" + MASK + "\"");
        return NOT_ASCII.matcher(unquoted).find()
                ? "a value does not fit; the server's own words may quote it and are left out"
                : withoutPlaceholders(unquoted);
    }

    /**
     * PostgreSQL's detail: which columns, but not what is in them; empty where it may be anything.
     */
    Optional<String> detail(String detail, String sqlState) {
        if (sqlState.startsWith(CONSTRAINT_VIOLATION)) {
            Matcher key = KEY.matcher(detail);
            boolean names = OF_KEYS.contains(sqlState) && key.find();
            String masked =
                    names
                            ? key.replaceFirst("$1(" + MASK + ")")
                            : PARENTHESES.matcher(detail).replaceFirst("(" + MASK + ")");
            return Optional.of(message(masked, sqlState));
        }
        return Optional.of(detail)
                .filter(_ -> DETAILS_NAME_OBJECTS.stream().anyMatch(sqlState::startsWith))
                .map(text -> message(text, sqlState));
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
