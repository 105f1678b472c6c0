package dbmigrate.warnings;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A pending migration.
 *
 * @param name its file
 * @param transactional whether it runs in one transaction
 * @param statements in their order
 */
public record Script(String name, boolean transactional, List<Statement> statements) {
    public Script {
        statements = List.copyOf(statements);
    }

    /**
     * One statement.
     *
     * @param sql with the comments before it, its placeholders replaced
     * @param bare without comments and values
     * @param line where its first word stands, the first is 1
     * @param comments before and in it, by the lines where they begin
     */
    public record Statement(
            String sql, String bare, int line, SortedMap<Integer, String> comments) {
        public Statement {
            comments = Collections.unmodifiableSortedMap(new TreeMap<>(comments));
        }
    }
}
