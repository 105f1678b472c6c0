package dbmigrate.worker;

import dbmigrate.database.ConnectionFailure;
import dbmigrate.database.SqlState;
import dbmigrate.process.FailureCode;
import java.util.Optional;
import org.flywaydb.core.internal.sqlscript.FlywaySqlScriptException;
import org.postgresql.util.PSQLException;

/**
 * What an SQLSTATE means for a migration (PostgreSQL's documentation, appendix A). The states of
 * refused logins are not among them: inside a script they are another server's.
 */
final class StatementCode {
    private StatementCode() {}

    /** Empty where the message says more than a code of ours could. */
    static Optional<FailureCode> of(Throwable failure) {
        String state = SqlState.of(failure).orElse("");
        if (state.startsWith("23")) {
            return Optional.of(FailureCode.CONSTRAINT_VIOLATED);
        }
        return switch (state) {
            case "42601" -> Optional.of(FailureCode.SYNTAX_ERROR);
            // Table, column, function, anything else, schema, database.
            case "42P01", "42703", "42883", "42704", "3F000", SqlState.INVALID_CATALOG_NAME ->
                    Optional.of(FailureCode.OBJECT_MISSING);
            case "42P07", "42701", "42723", "42710", "42P06", "42P04" ->
                    Optional.of(FailureCode.OBJECT_EXISTS);
            case SqlState.INSUFFICIENT_PRIVILEGE -> Optional.of(FailureCode.PERMISSION_DENIED);
            case SqlState.LOCK_NOT_AVAILABLE -> Optional.of(FailureCode.LOCK_TIMEOUT);
            case "57014" -> Optional.of(FailureCode.STATEMENT_TIMEOUT);
            case "40P01" -> Optional.of(FailureCode.DEADLOCK);
            case "53100" -> Optional.of(FailureCode.DISK_FULL);
            case "25001" -> Optional.of(FailureCode.TRANSACTION_IN_THE_WAY);
            default ->
                    Retries.mayPass(failure)
                            ? ConnectionFailure.of(failure).map(FailureCode::of)
                            : Optional.empty();
        };
    }

    /** Whether the server answered a statement of a script with the SQLSTATE of a connection. */
    static boolean isOfStatement(Throwable failure) {
        return SqlState.of(failure).filter(state -> state.startsWith("08")).isPresent()
                && Failures.in(failure, FlywaySqlScriptException.class).isPresent()
                && Failures.in(failure, PSQLException.class)
                        .map(PSQLException::getServerErrorMessage)
                        .isPresent();
    }
}
