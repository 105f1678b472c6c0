package dbmigrate.worker;

import dbmigrate.database.ConnectionFailure;
import dbmigrate.database.SqlState;
import dbmigrate.process.FailureCode;
import java.util.Optional;
import java.util.stream.Stream;
import org.flywaydb.core.internal.sqlscript.FlywaySqlScriptException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What an SQLSTATE means for a migration (PostgreSQL's documentation, appendix A). The states of
 * refused logins are not among them: inside a script they are another server's.
 */
final class StatementCode {
    private StatementCode() {}

    /**
     * The routine of PostgreSQL's source, xact.c, that refuses a statement inside a transaction;
     * others give the same SQLSTATE for what must come first in one.
     */
    private static final String IN_TRANSACTION = "PreventInTransactionBlock";

    /** Empty where the message says more than a code of ours could. */
    static Optional<FailureCode> of(Throwable failure) {
        String state = SqlState.of(failure).orElse("");
        if (state.equals("25001")) {
            return said(failure)
                            .map(ServerErrorMessage::getRoutine)
                            .filter(IN_TRANSACTION::equals)
                            .isPresent()
                    ? Optional.of(FailureCode.TRANSACTION_IN_THE_WAY)
                    : Optional.empty();
        }
        return ofState(state)
                .or(() ->
                        Retries.mayPass(failure)
                                ? ConnectionFailure.of(failure).map(FailureCode::of)
                                : Optional.empty());
    }

    /** The same, where nothing is known but the state. */
    static Optional<FailureCode> ofState(String state) {
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
            default -> Optional.empty();
        };
    }

    /**
     * Whether a statement of a script brought about the SQLSTATE of a connection: the server gave
     * it to the statement, or the driver gave up since the statement changed what it needs.
     */
    static boolean isOfStatement(Throwable failure) {
        return SqlState.of(failure).filter(state -> state.startsWith("08")).isPresent()
                && Failures.in(failure, FlywaySqlScriptException.class).isPresent()
                && (said(failure).isPresent() || settingOfDriver(failure).isPresent());
    }

    /** The setting that the driver needs and a script changed; pgjdbc then closes the session. */
    static Optional<String> settingOfDriver(Throwable failure) {
        String said =
                Failures.in(failure, PSQLException.class)
                        .map(sql -> String.valueOf(sql.getMessage()))
                        .orElse("");
        return Stream.of("client_encoding", "DateStyle")
                .filter(setting -> said.contains("server's " + setting + " parameter"))
                .findFirst();
    }

    private static Optional<ServerErrorMessage> said(Throwable failure) {
        return Failures.in(failure, PSQLException.class).map(PSQLException::getServerErrorMessage);
    }
}
