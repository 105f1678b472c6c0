package dbmigrate.worker;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A statement that cannot run in a transaction and can be run again after it was cut off. */
sealed interface IndexStatement {
    /** The statement as it is written. */
    String sql();

    /**
     * Builds an index; cut off it leaves an INVALID one, or a valid one that nobody has recorded.
     *
     * @param index as it is written, like every name here
     */
    record Create(String sql, String index, String table) implements IndexStatement {}

    /** Drops an index; cut off it leaves an INVALID one, or has done its work. */
    record Drop(String sql, String index) implements IndexStatement {}

    /** Rebuilds indexes beside the old ones; cut off it leaves INVALID copies. */
    record Reindex(String sql, Rebuilt what, String name) implements IndexStatement {}

    /** What a REINDEX rebuilds the indexes of. */
    enum Rebuilt {
        INDEX,
        TABLE,
        SCHEMA,
        DATABASE
    }

    /**
     * Leaves nothing: VACUUM, ANALYZE, and a REINDEX without CONCURRENTLY, which is rolled back.
     */
    record Harmless(String sql) implements IndexStatement {}

    /**
     * Reads a statement.
     *
     * @param sql one statement, comments included
     * @return empty for every other statement, and for an index without a name: nobody can tell
     *     later which one it made
     */
    static Optional<IndexStatement> parse(String sql) {
        String bare = SqlText.withoutComments(sql).strip();
        Matcher create = Syntax.CREATE.matcher(bare);
        if (create.matches()) {
            return Optional.of(new Create(sql, create.group("index"), create.group("table")));
        }
        Matcher drop = Syntax.DROP.matcher(bare);
        if (drop.matches()) {
            return Optional.of(new Drop(sql, drop.group("index")));
        }
        Matcher reindex = Syntax.REINDEX.matcher(bare);
        if (reindex.matches()) {
            String what = reindex.group("what").toUpperCase(Locale.ROOT);
            return Optional.of(
                    reindex.group("concurrently") == null
                            ? new Harmless(sql)
                            : new Reindex(
                                    sql,
                                    what.equals("SYSTEM")
                                            ? Rebuilt.DATABASE
                                            : Rebuilt.valueOf(what),
                                    reindex.group("name")));
        }
        return Syntax.HARMLESS.matcher(bare).lookingAt()
                ? Optional.of(new Harmless(sql))
                : Optional.empty();
    }

    /** Whether the statement waits for locks without holding up anybody's reads and writes. */
    static boolean isPatient(IndexStatement statement) {
        String bare = SqlText.withoutComments(statement.sql()).strip();
        return Syntax.CONCURRENTLY.matcher(bare).find()
                || (Syntax.HARMLESS.matcher(bare).lookingAt() && !Syntax.FULL.matcher(bare).find());
    }

    /** PostgreSQL's documentation, "CREATE INDEX", "DROP INDEX", "REINDEX". */
    final class Syntax {
        private static final String NAME =
                "(?:\"[^\"]+(?:\"\"[^\"]*+)*+\"|[\\p{L}_][\\p{L}\\d_$]*)";
        private static final String QUALIFIED = NAME + "(?:\\s*\\.\\s*" + NAME + ")?";
        private static final int FLAGS = Pattern.CASE_INSENSITIVE | Pattern.DOTALL;

        private static final Pattern CREATE =
                Pattern.compile(
                        "create\\s+(?:unique\\s+)?index\\s+concurrently\\s+(?:if\\s+not\\s+exists\\s+)?(?<index>"
                                + NAME
                                + ")\\s+on\\s+(?:only\\s+)?(?<table>"
                                + QUALIFIED
                                + ")\\b?.*",
                        FLAGS);
        private static final Pattern DROP =
                Pattern.compile(
                        "drop\\s+index\\s+concurrently\\s+(?:if\\s+exists\\s+)?(?<index>"
                                + QUALIFIED
                                + ")\\s*(?:restrict)?\\s*;?",
                        FLAGS);
        private static final Pattern REINDEX =
                Pattern.compile(
                        "reindex\\s+(?:\\([^)]*\\)\\s*)?(?<what>index|table|schema|database|system)\\s+"
                                + "(?<concurrently>concurrently\\s+)?(?<name>"
                                + QUALIFIED
                                + ")\\s*;?",
                        FLAGS);
        private static final Pattern HARMLESS = Pattern.compile("(?:vacuum|analyze)\\b", FLAGS);
        private static final Pattern FULL = Pattern.compile("\\bfull\\b", FLAGS);
        private static final Pattern CONCURRENTLY = Pattern.compile("\\bconcurrently\\b", FLAGS);

        private Syntax() {}
    }
}
