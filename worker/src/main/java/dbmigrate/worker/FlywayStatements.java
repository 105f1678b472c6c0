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

    private static final Pattern LOCK = Pattern.compile("SELECT pg_try_advisory_lock\\(\\d+\\)");

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
        return SEARCH_PATH.equals(sql) || setsRole(sql);
    }

    /** Whether it sets the session's role. */
    static boolean setsRole(String sql) {
        return SET_ROLE.matcher(sql).matches();
    }

    /** What was sent, and what was asked since; behind the locking it is always the same. */
    static String behind(String path, String sql) {
        return isLocking(sql) ? sql : path + "\n" + sql;
    }

    /**
     * Whether a statement may be sent along with those that it followed before. That is
     *
     * <ul>
     *   <li>a question to the catalog, with anything;
     *   <li>the unlocking with the COMMIT of a migration, and with both the locking for the next:
     *       any role may do both, so that an error of what is sent together is the COMMIT's own;
     *   <li>the reading of the history in a migration's transaction, which began under Flyway's
     *       lock. What is sent together outside of one is a transaction, and where its default is
     *       REPEATABLE READ all of it sees what the first one saw, which may have been the taking
     *       of the lock; and behind a COMMIT the history may be another one, or closed.
     * </ul>
     *
     * @param path the {@link #key} of what was sent, and what was asked since
     */
    static boolean mayBeSentAlong(String sql, String path) {
        return QUESTIONS.stream().anyMatch(question -> question.matcher(sql).matches())
                || path.equals(COMMIT_OF_A_MIGRATION) && UNLOCK.matcher(sql).matches()
                || isLocking(sql) && path.equals(behind(COMMIT_OF_A_MIGRATION, unlocking(sql)))
                || readsHistory(sql) && path.startsWith(IN_TRANSACTION);
    }

    /** Whether it takes Flyway's lock. */
    static boolean isLocking(String sql) {
        return LOCK.matcher(sql).matches();
    }

    /** What undoes the taking of the lock. */
    static String unlocking(String locking) {
        return locking.replace("pg_try_advisory_lock", "pg_advisory_unlock");
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
