package dbmigrate.worker;

import dbmigrate.database.SqlState;
import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Does the statements that make a schema, in whatever order they can be done:
 *
 * <ol>
 *   <li>Those that fail are tried again behind the others, as long as one succeeds.
 *   <li>When none does any more they get the source's search path, on which the body of a function
 *       may rely, and materialized views stay empty, whose query may fail on empty tables.
 *   <li>What then fails since this role may not make it, and is of a kind that stands for itself,
 *       is left out, where nothing else fails: nothing rests on it.
 * </ol>
 */
final class ScratchSchema {
    /** An extension that is not trusted, a function in C, … */
    private static final Pattern STANDS_FOR_ITSELF =
            Pattern.compile(
                    "create (or replace )?(extension|function|procedure)\\b",
                    Pattern.CASE_INSENSITIVE);

    private static final String VIEW = "create materialized view ";

    private static final String NO_DATA = " with no data";

    private final Connection scratch;
    private final String path;
    private final List<String> refused = new ArrayList<>();

    /**
     * @param path the source's search path
     */
    ScratchSchema(Connection scratch, String path) {
        this.scratch = scratch;
        this.path = path;
    }

    /** How many were left out. */
    int refused() {
        return refused.size();
    }

    /** Does them all, with an empty search path; says why not, where that cannot be. */
    Optional<Failure> make(List<String> statements) throws SQLException {
        List<String> left = statements;
        boolean otherwise = false;
        while (!left.isEmpty()) {
            List<String> failed = new ArrayList<>();
            SQLException why = null;
            boolean isRefused = true;
            for (String sql : left) {
                try {
                    execute(otherwise ? unpopulated(sql) : sql);
                } catch (SQLException e) {
                    if (scratch.isClosed() || SqlState.QUERY_CANCELED.equals(e.getSQLState())) {
                        throw e;
                    }
                    failed.add(sql);
                    why = why == null ? e : why;
                    isRefused &=
                            SqlState.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())
                                    && STANDS_FOR_ITSELF.matcher(sql).lookingAt();
                }
            }
            if (why != null && failed.size() == left.size()) {
                if (Retries.mayPass(why)) {
                    throw why;
                }
                if (otherwise && !isRefused) {
                    return Optional.of(failure(failed, why));
                }
                if (otherwise) {
                    refused.addAll(failed);
                    break;
                }
                otherwise = true;
                set("search_path", path);
            }
            left = failed;
        }
        set("search_path", "");
        return Optional.empty();
    }

    private static String unpopulated(String sql) {
        return sql.startsWith(VIEW) && !sql.endsWith(NO_DATA) ? sql + NO_DATA : sql;
    }

    private static Failure failure(List<String> failed, SQLException first) {
        Masking masking = new Masking(Map.of());
        String said =
                ServerWords.of(first, masking)
                        .map(ServerWords::text)
                        .orElse("the server gave no reason");
        return Failure.of(
                        FailureCode.SCHEMA_NOT_COPIED,
                        "%d of its objects cannot be made in a scratch database; of the first the server says: %s"
                                .formatted(failed.size(), said))
                .withSqlState(Optional.ofNullable(first.getSQLState()))
                .withStatement(masking.statement(failed.getFirst()));
    }

    /** Changes a setting of the session. */
    void set(String name, String value) throws SQLException {
        try (PreparedStatement select =
                scratch.prepareStatement("select set_config(?, ?, false)")) {
            select.setString(1, name);
            select.setString(2, value);
            try (ResultSet row = select.executeQuery()) {
                row.next();
            }
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = scratch.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }
}
