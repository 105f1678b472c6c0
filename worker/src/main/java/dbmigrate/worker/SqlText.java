package dbmigrate.worker;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads SQL as PostgreSQL's lexer does, as far as it must be told what is a literal and what is not
 * (documentation, 4.1, "Lexical Structure"). A literal that never ends reaches to the end of the
 * text.
 *
 * <p>A scanner and no regular expression: Java's recurses with each repetition of an alternative,
 * and a literal of two kilobytes overflowed the stack.
 */
final class SqlText {
    private final String sql;
    private final boolean doubtsBackslashes;
    private int at;

    private SqlText(String sql) {
        this(sql, false);
    }

    /**
     * @param doubtsBackslashes whether a plain string with a quote behind a backslash reaches to
     *     the end of the text: where it ends depends on the session's standard_conforming_strings
     */
    private SqlText(String sql, boolean doubtsBackslashes) {
        this.sql = sql;
        this.doubtsBackslashes = doubtsBackslashes;
    }

    /** The position of the first word, behind blanks and comments. */
    static int begin(String sql) {
        SqlText text = new SqlText(sql);
        while (text.at < sql.length()) {
            if (Character.isWhitespace(sql.charAt(text.at))) {
                text.at++;
            } else if (!text.skipComment()) {
                return text.at;
            }
        }
        return text.at;
    }

    /**
     * The text without comments, each string and number replaced. Where it is not certain that a
     * string has ended, the rest goes with it.
     */
    static String masked(String sql, String mask) {
        return new SqlText(sql, true).rewritten("'" + mask + "'", literal -> mask);
    }

    /** The comments, by the positions where they begin. */
    static SortedMap<Integer, String> comments(String sql) {
        SqlText text = new SqlText(sql);
        SortedMap<Integer, String> comments = new TreeMap<>();
        while (text.at < sql.length()) {
            int begin = text.at;
            if (text.skipComment()) {
                comments.put(begin, sql.substring(begin, text.at));
            } else if (!text.skipString()
                    && !text.skipQuotedName()
                    && !text.skipWordOrParameter()) {
                text.at++;
            }
        }
        return comments;
    }

    /** The text without comments. */
    static String withoutComments(String sql) {
        return new SqlText(sql).rewritten(null, literal -> literal);
    }

    private String rewritten(@Nullable String string, UnaryOperator<String> number) {
        StringBuilder result = new StringBuilder(sql.length());
        while (at < sql.length()) {
            int begin = at;
            if (skipComment()) {
                result.append(' ');
            } else if (skipString()) {
                result.append(string == null ? sql.substring(begin, at) : string);
            } else if (skipQuotedName() || skipWordOrParameter()) {
                result.append(sql, begin, at);
            } else if (skipNumber()) {
                result.append(number.apply(sql.substring(begin, at)));
            } else {
                result.append(sql.charAt(at++));
            }
        }
        return result.toString();
    }

    private boolean skipComment() {
        if (sql.startsWith("--", at)) {
            at = orEnd(sql.indexOf('\n', at), 0);
            return true;
        }
        if (!sql.startsWith("/*", at)) {
            return false;
        }
        int depth = 0;
        do {
            if (sql.startsWith("/*", at)) {
                depth++;
                at += 2;
            } else if (sql.startsWith("*/", at)) {
                depth--;
                at += 2;
            } else {
                at++;
            }
        } while (depth > 0 && at < sql.length());
        return true;
    }

    private boolean skipString() {
        char first = sql.charAt(at);
        boolean escapes = (first == 'e' || first == 'E') && sql.startsWith("'", at + 1);
        if (first == '\'' || escapes) {
            at += escapes ? 2 : 1;
            skipTo('\'', escapes);
            return true;
        }
        return first == '$' && skipDollarQuoted();
    }

    private boolean skipDollarQuoted() {
        int end = at + 1;
        while (end < sql.length() && Character.isUnicodeIdentifierPart(sql.charAt(end))) {
            end++;
        }
        boolean isTag =
                end < sql.length()
                        && sql.charAt(end) == '$'
                        && !Character.isDigit(sql.charAt(at + 1));
        if (!isTag) {
            return false;
        }
        String tag = sql.substring(at, end + 1);
        at = orEnd(sql.indexOf(tag, end + 1), tag.length());
        return true;
    }

    private boolean skipQuotedName() {
        if (sql.charAt(at) != '"') {
            return false;
        }
        at++;
        skipTo('"', false);
        return true;
    }

    /** Also {@code $1}, which is a parameter and no literal. */
    private boolean skipWordOrParameter() {
        char first = sql.charAt(at);
        if (first != '$' && first != '_' && !Character.isLetter(first)) {
            return false;
        }
        do {
            at++;
        } while (at < sql.length()
                && (Character.isLetterOrDigit(sql.charAt(at))
                        || "_$".indexOf(sql.charAt(at)) >= 0));
        return true;
    }

    private boolean skipNumber() {
        if (!Character.isDigit(sql.charAt(at))) {
            return false;
        }
        while (at < sql.length()
                && (Character.isLetterOrDigit(sql.charAt(at))
                        || "._".indexOf(sql.charAt(at)) >= 0
                        || isExponentSign())) {
            at++;
        }
        return true;
    }

    private boolean isExponentSign() {
        return "+-".indexOf(sql.charAt(at)) >= 0
                && "eE".indexOf(sql.charAt(at - 1)) >= 0
                && at + 1 < sql.length()
                && Character.isDigit(sql.charAt(at + 1));
    }

    /** Goes behind the closing quote; a doubled one, or one behind a backslash, does not close. */
    private void skipTo(char quote, boolean escapes) {
        while (at < sql.length()) {
            char here = sql.charAt(at++);
            if (escapes && here == '\\') {
                at = Math.min(at + 1, sql.length());
            } else if (here == quote) {
                boolean doubted = doubtsBackslashes && quote == '\'' && sql.charAt(at - 2) == '\\';
                if (doubted) {
                    at = sql.length();
                }
                if (at >= sql.length() || sql.charAt(at) != quote) {
                    return;
                }
                at++;
            }
        }
    }

    private int orEnd(int found, int length) {
        return found < 0 ? sql.length() : found + length;
    }
}
