package dbmigrate.database;

import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/**
 * The SQLSTATEs that decide what db-migrate does next. Their names are those of PostgreSQL's
 * documentation, appendix A.
 */
public final class SqlState {
    public static final String INVALID_CATALOG_NAME = "3D000";
    public static final String RAISE_EXCEPTION = "P0001";
    public static final String LOCK_NOT_AVAILABLE = "55P03";
    public static final String QUERY_CANCELED = "57014";
    private static final String DUPLICATE_DATABASE = "42P04";
    private static final String UNIQUE_VIOLATION = "23505";
    public static final String INSUFFICIENT_PRIVILEGE = "42501";
    public static final String CANNOT_CONNECT_NOW = "57P03";
    public static final String CONNECTION_DOES_NOT_EXIST = "08003";

    /** Server or network took the session away, or the server is a standby by now. */
    private static final Set<String> SESSION_GONE =
            Set.of("57P01", "57P02", "57P03", "57P05", "25P03", "25P04", "25006");

    /** No room, a deadlock, a serialization failure, an object in use: the same again may pass. */
    private static final Set<String> CONTENTION = Set.of("53300", "40P01", "40001", "55006");

    /** The process schema, a table or a column of it is not there yet. */
    private static final Set<String> SCHEMA_BEHIND = Set.of("42P01", "3F000", "42703");

    private SqlState() {}

    /** The SQLSTATE of the first {@link SQLException} in the chain of causes. */
    public static Optional<String> of(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof SQLException sql && sql.getSQLState() != null) {
                return Optional.of(sql.getSQLState());
            }
        }
        return Optional.empty();
    }

    /** Whether a session is dead or demoted, so that a new one may succeed. */
    public static boolean isSessionGone(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        return state.startsWith("08") || SESSION_GONE.contains(state);
    }

    /** Whether the same work may succeed later without anybody changing anything. */
    public static boolean mayPass(String state) {
        return state.startsWith("08") || SESSION_GONE.contains(state) || CONTENTION.contains(state);
    }

    /**
     * Whether CREATE DATABASE failed because somebody else has just created it: either state is
     * seen.
     */
    public static boolean saysDatabaseExists(SQLException failure) {
        return DUPLICATE_DATABASE.equals(failure.getSQLState())
                || UNIQUE_VIOLATION.equals(failure.getSQLState());
    }

    /** Whether a statement on the process rows failed because their schema is missing or older. */
    public static boolean isSchemaBehind(SQLException failure) {
        return SCHEMA_BEHIND.contains(String.valueOf(failure.getSQLState()));
    }
}
