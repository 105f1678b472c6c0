package dbmigrate.worker;

/**
 * Finds what single quotes hold in words of a server or a library. These are no SQL: an apostrophe
 * stands in them as well, and a token is quoted as it was written, with its backslashes.
 *
 * <p>A scanner and no regular expression, for the reason that {@link SqlText} gives.
 */
final class QuotedWords {
    /** What may stand directly before a literal's first quote: E'', B'', X'', N'', U&''. */
    private static final String PREFIXES = "eEbBxXnN&";

    private QuotedWords() {}

    /** The words with each quoted one replaced; one whose end is not certain reaches to the end. */
    static String masked(String words, String mask) {
        StringBuilder result = new StringBuilder(words.length());
        int at = 0;
        while (at < words.length()) {
            if (words.charAt(at) == '\'' && !isApostrophe(words, at)) {
                result.append(mask);
                at = end(words, at + 1);
            } else {
                result.append(words.charAt(at++));
            }
        }
        return result.toString();
    }

    /** One within a word, as in "psql's". */
    private static boolean isApostrophe(String words, int quote) {
        if (quote == 0 || !Character.isLetterOrDigit(words.charAt(quote - 1))) {
            return false;
        }
        boolean isPrefix =
                PREFIXES.indexOf(words.charAt(quote - 1)) >= 0
                        && (quote == 1 || !Character.isLetterOrDigit(words.charAt(quote - 2)));
        return !isPrefix;
    }

    /** Behind the closing quote; a doubled one, or one behind a backslash, may not close. */
    private static int end(String words, int begin) {
        int at = begin;
        while (at < words.length()) {
            char here = words.charAt(at++);
            if (here == '\\') {
                at++;
            } else if (here == '\'') {
                if (at >= words.length() || words.charAt(at) != '\'') {
                    return at;
                }
                at++;
            }
        }
        return words.length();
    }
}
