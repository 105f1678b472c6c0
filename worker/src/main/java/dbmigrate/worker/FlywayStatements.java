package dbmigrate.worker;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * The statements that Flyway (13.12) sends around each migration, as far as {@link
 * PipelinedConnection} treats them in a way of their own. One that is worded otherwise is sent as
 * it comes.
 */
final class FlywayStatements {
    private static final Pattern SET_ROLE = Pattern.compile("SET ROLE '[^';]*'");

    private static final String SEARCH_PATH = "SELECT set_config('search_path', ?, false)";

    /** Questions to the catalog, which fail in no database and change nothing. */
    private static final Set<Pattern> QUESTIONS =
            Set.of(
                    Pattern.compile("SELECT version\\(\\)"),
                    Pattern.compile("SELECT COUNT\\(\\*\\) FROM pg_namespace WHERE nspname=\\?"),
                    Pattern.compile(
                            "SELECT EXISTS \\(\\s+SELECT 1\\s+FROM   pg_catalog.pg_class c[^;]*"));

    private static final Pattern UNLOCK = Pattern.compile("SELECT pg_advisory_unlock\\(\\d+\\)");

    private static final Pattern READS_HISTORY =
            Pattern.compile(
                    "/\\*NO LOAD BALANCE\\*/\\s+SELECT \"installed_rank\"[^;]* WHERE"
                            + " \"installed_rank\" > \\? ORDER BY \"installed_rank\"");

    /** The end of a migration and of its line in the history. */
    static final String COMMIT_OF_A_MIGRATION = "COMMIT of a migration";

    private static final String IN_TRANSACTION = "in a transaction ";

    private FlywayStatements() {}

    /** What a statement is called as one that others follow. */
    static String key(String sql, boolean isInTransaction) {
        return isInTransaction ? IN_TRANSACTION + sql : sql;
    }

    /** Whether nobody reads what it answers. */
    static boolean needsNoAnswer(String sql) {
        return SEARCH_PATH.equals(sql) || SET_ROLE.matcher(sql).matches();
    }

    /**
     * Whether a statement may be sent along with those that it followed before.
     *
     * <p>The history only in a transaction, which began under Flyway's lock: what is sent together
     * outside of one is a transaction, and where its default is REPEATABLE READ all of it sees what
     * the first one saw, which may have been the taking of the lock.
     *
     * @param path the {@link #key} of what was sent, and what was asked since
     */
    static boolean mayBeSentAlong(String sql, String path) {
        if (path.startsWith(COMMIT_OF_A_MIGRATION)) {
            return UNLOCK.matcher(sql).matches();
        }
        return QUESTIONS.stream().anyMatch(question -> question.matcher(sql).matches())
                || path.startsWith(IN_TRANSACTION) && readsHistory(sql);
    }

    /** Whether it reads the history from some rank on. */
    static boolean readsHistory(String sql) {
        return READS_HISTORY.matcher(sql.strip()).matches();
    }

    /** Whether it writes that a migration is applied; its first parameter is the rank. */
    static boolean writesHistory(String sql) {
        return sql.contains("INSERT INTO ") && sql.contains("(\"installed_rank\", \"version\"");
    }
}
