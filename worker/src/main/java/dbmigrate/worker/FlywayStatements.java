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

    private FlywayStatements() {}

    /** Whether nobody reads what it answers. */
    static boolean needsNoAnswer(String sql) {
        return SEARCH_PATH.equals(sql) || SET_ROLE.matcher(sql).matches();
    }

    /**
     * Whether a statement may be sent along with the one that it followed before.
     *
     * @param isBehindCommit whether that is the COMMIT of a migration and its row in the history
     */
    static boolean mayBeSentAlong(String sql, boolean isBehindCommit) {
        return isBehindCommit
                ? UNLOCK.matcher(sql).matches()
                : QUESTIONS.stream().anyMatch(question -> question.matcher(sql).matches());
    }

    /** Whether it writes that a migration is applied. */
    static boolean writesHistory(String sql) {
        return sql.contains("INSERT INTO ") && sql.contains("(\"installed_rank\", \"version\"");
    }
}
