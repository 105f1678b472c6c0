package dbmigrate.warnings;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Which statements the parser has to read. It takes 10 to 20 ms for one, and of a thousand inserts
 * none could be warned of.
 */
final class Suspicion {
    private static final String WORDS =
            "alter|drop|truncate|update|delete|vacuum|cluster|reindex|refresh|lock|index";

    private static final Pattern ANY =
            Pattern.compile("\\b(" + WORDS + ")\\b|db-migrate:", Pattern.CASE_INSENSITIVE);

    private static final Pattern KIND =
            Pattern.compile(
                    "(alter\\s+(table|foreign|view|materialized|index|type|system|schema)"
                            + "|drop|truncate|vacuum|cluster|reindex|refresh|lock"
                            + "|create\\s+(unique\\s+)?index)\\b.*",
                    Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private static final Pattern WITHIN =
            Pattern.compile("\\b(update|delete)\\b", Pattern.CASE_INSENSITIVE);

    private static final Pattern WHERE = Pattern.compile("\\bwhere\\b", Pattern.CASE_INSENSITIVE);

    private Suspicion() {}

    /** Whether a line holds one of the words without which there is nothing to warn of. */
    static boolean of(String line) {
        return ANY.matcher(line).find();
    }

    static boolean of(Script.Statement statement) {
        String bare = statement.bare();
        String first = bare.substring(0, Math.min(6, bare.length())).toLowerCase(Locale.ROOT);
        return switch (first) {
            case "update", "delete" -> !WHERE.matcher(outer(bare)).find();
            default ->
                    first.startsWith("with")
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
