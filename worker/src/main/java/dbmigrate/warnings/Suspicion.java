package dbmigrate.warnings;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Which statements the parser has to read. It takes 10 to 20 ms for one, and of a thousand inserts
 * none could be warned of.
 */
final class Suspicion {
    private static final String WORDS =
            "alter|drop|truncate|update|delete|vacuum|cluster|reindex|refresh|lock|index"
                    + "|partition|search_path|timezone|set\\s+(session\\s+)?time\\s+zone";

    private static final Pattern ANY =
            Pattern.compile("\\b(" + WORDS + ")\\b|db-migrate:", Pattern.CASE_INSENSITIVE);

    private static final Pattern KIND =
            Pattern.compile(
                    "(alter\\s+(table|foreign|view|materialized|index|type|domain|system|schema)"
                            + "|drop|truncate|vacuum|cluster|reindex|refresh|lock"
                            + "|create\\s+(unique\\s+)?index|create\\s[^(]*\\spartition\\s+of"
                            + "|(set|reset)\\s.*(search_path|time\\s*zone|schema|all)"
                            + "|discard\\s+all)\\b.*",
                    Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private static final Pattern WITHIN =
            Pattern.compile("\\b(update|delete|merge)\\b", Pattern.CASE_INSENSITIVE);

    private static final Pattern WHERE = Pattern.compile("\\bwhere\\b", Pattern.CASE_INSENSITIVE);

    /** What may be a condition that holds always, or one of MERGE for what is not in its source. */
    private static final Pattern ALWAYS =
            Pattern.compile(
                    "\\b(where|on)[\\s(]+(true\\b|('…'|…|\\d+)\\s*=)|\\bby\\s+source\\b",
                    Pattern.CASE_INSENSITIVE);

    private static final Pattern SETS =
            Pattern.compile("\\bset_config\\s*\\(", Pattern.CASE_INSENSITIVE);

    private Suspicion() {}

    /** Whether a line holds one of the words without which there is nothing to warn of. */
    static boolean of(String line) {
        return ANY.matcher(line).find();
    }

    static boolean of(Script.Statement statement) {
        String bare = statement.bare();
        String first = bare.substring(0, Math.min(6, bare.length())).toLowerCase(Locale.ROOT);
        return switch (first) {
            case "update", "delete" ->
                    !WHERE.matcher(outer(bare)).find() || ALWAYS.matcher(bare).find();
            case "select" -> SETS.matcher(bare).find();
            default ->
                    first.startsWith("merge")
                            ? ALWAYS.matcher(bare).find()
                            : first.startsWith("with")
                                    ? WITHIN.matcher(bare).find()
                                    : KIND.matcher(bare).matches();
        };
    }

    /** Without what stands in parentheses: a subquery's WHERE is not the statement's. */
    private static String outer(String bare) {
        StringBuilder outer = new StringBuilder();
        int depth = 0;
        for (int i = 0; i < bare.length(); i++) {
            char here = bare.charAt(i);
            depth += here == '(' ? 1 : 0;
            depth -= here == ')' ? 1 : 0;
            if (depth == 0) {
                outer.append(here == ')' ? ' ' : here);
            }
        }
        return outer.toString();
    }
}
