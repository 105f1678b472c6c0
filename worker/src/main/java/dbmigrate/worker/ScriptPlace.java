package dbmigrate.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.flywaydb.core.api.resource.LoadableResource;
import org.flywaydb.core.internal.sqlscript.FlywaySqlScriptException;

/**
 * Where in a script a statement failed: where PostgreSQL points, else where the statement begins.
 *
 * <ol>
 *   <li>PostgreSQL counts characters, from the first one that was sent. Flyway sends the comments
 *       before a statement with it, and counts its line from its first word.
 *   <li>In a later line of the statement the column is counted from the line's beginning.
 *   <li>In its first line other statements may stand before it; its column is found in the file.
 *       Where that line holds the same text twice nobody knows which one failed: the column is
 *       absent.
 * </ol>
 *
 * @param line the first is 1
 * @param column in characters, the first is 1; a placeholder before it counts with its value
 */
record ScriptPlace(int line, Optional<Integer> column) {
    static ScriptPlace of(
            FlywaySqlScriptException failure, Optional<Integer> position, Masking masking) {
        String sql = failure.getStatement();
        int begin = SqlText.begin(sql);
        int at = position.map(characters -> index(sql, characters)).orElse(begin);
        int end = Math.clamp(at, begin, sql.length());
        int breaks = (int) sql.substring(begin, end).chars().filter(c -> c == '\n').count();
        int lineBegin = sql.lastIndexOf('\n', end - 1) + 1;
        Optional<Integer> column =
                lineBegin > 0
                        ? Optional.of(1 + sql.codePointCount(lineBegin, end))
                        : columnOf(sql.substring(begin), failure, masking)
                                .map(first -> first + sql.codePointCount(begin, end));
        return new ScriptPlace(failure.getLineNumber() + breaks, column);
    }

    /** Where a character stands that PostgreSQL counted; Java counts half characters. */
    private static int index(String sql, int position) {
        int last = sql.codePointCount(0, sql.length());
        return sql.offsetByCodePoints(0, Math.min(position - 1, last));
    }

    private static Optional<Integer> columnOf(
            String sql, FlywaySqlScriptException failure, Masking masking) {
        String wanted = sql.lines().findFirst().orElse("").strip();
        return lineOfFile(failure)
                .map(line -> replaced(line, masking.placeholders()))
                .filter(line -> line.contains(wanted))
                .filter(line -> line.indexOf(wanted) == line.lastIndexOf(wanted))
                .map(line -> 1 + line.codePointCount(0, line.indexOf(wanted)));
    }

    private static Optional<String> lineOfFile(FlywaySqlScriptException failure) {
        if (!(failure.getResource() instanceof LoadableResource file)) {
            return Optional.empty();
        }
        try (BufferedReader lines = new BufferedReader(file.read())) {
            return lines.lines().skip(failure.getLineNumber() - 1L).findFirst();
        } catch (IOException e) {
            // What is to be told is the statement's failure.
            failure.addSuppressed(e);
            return Optional.empty();
        }
    }

    private static String replaced(String line, Map<String, String> placeholders) {
        String replaced = line;
        for (Map.Entry<String, String> one : placeholders.entrySet()) {
            replaced = replaced.replace("${" + one.getKey() + "}", one.getValue());
        }
        return replaced;
    }
}
