package dbmigrate.worker;

import dbmigrate.database.Identifier;
import dbmigrate.database.SqlState;
import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import dbmigrate.process.ProcessRowsException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.internal.exception.FlywayMigrateException;
import org.flywaydb.core.internal.sqlscript.FlywaySqlScriptException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Makes of an exception what a caller may read of it. */
record Failures(WorkerSettings settings, String database, Masking masking) {
    /** The failure that an exception stands for. */
    Failure of(Exception exception) {
        Optional<FlywaySqlScriptException> script = in(exception, FlywaySqlScriptException.class);
        if (script.isPresent()) {
            return statement(script.get(), exception);
        }
        Optional<ProcessRowsException> rows = in(exception, ProcessRowsException.class);
        if (rows.isPresent()) {
            return Failure.of(
                            FailureCode.DATABASE_UNAVAILABLE,
                            "the rows of the processes could not be written in time; the migrations themselves did not fail")
                    .withSqlState(SqlState.of(rows.get()));
        }
        Optional<PSQLException> sql = in(exception, PSQLException.class);
        if (sql.isPresent()) {
            return server(sql.get(), exception);
        }
        Optional<FlywayException> flyway = in(exception, FlywayException.class);
        if (flyway.isPresent()) {
            return flyway(flyway.get()).withScript(migration(exception));
        }
        return switch (exception) {
            case InvalidConfigurationException e ->
                    Failure.of(FailureCode.CONFIGURATION_INVALID, text(e));
            case DatabaseMissingException e -> Failure.of(FailureCode.PERMISSION_DENIED, text(e));
            default ->
                    Failure.of(
                            FailureCode.INTERNAL_ERROR,
                            "look for this processId in the worker's log");
        };
    }

    /** No migration was found where they should be. */
    static Failure noMigrations(String folders) {
        return Failure.of(
                FailureCode.NO_MIGRATIONS_FOUND,
                "no migration was found in "
                        + folders
                        + "; check that the migrations layer is attached to the worker, that the files"
                        + " are named like V1__create_tables.sql, and MIGRATIONS where it is set");
    }

    /** A newer router has recorded what this worker cannot do. */
    static Failure unknownCommand(String command) {
        return Failure.of(
                FailureCode.CONFIGURATION_INVALID,
                "this worker cannot do the command %s: it is older than the router; deploy both"
                        .formatted(command));
    }

    /** So many workers died over this process that another one will not help. */
    static Failure workersDied(int failures, Optional<Failure> last) {
        return Failure.of(
                FailureCode.WORKERS_DIED,
                "%d attempts failed or died without a word; %s"
                        .formatted(
                                failures,
                                last.map(failure -> "the last one said: " + failure.detail())
                                        .orElse(
                                                "check the worker's log for its memory and time-out,"
                                                        + " and what the current migration does")));
    }

    /** A migration that no roll-back undoes was cut off, and could be applied twice. */
    static Failure halfDone(String script, List<String> statements, String history) {
        String shown =
                statements.stream()
                        .map(new Masking(Map.of())::statement)
                        .collect(Collectors.joining("; "));
        return Failure.of(
                        FailureCode.HALF_DONE,
                        "%s was cut off, and no roll-back undoes it: a part of it may be applied. No object was touched; the history %s now has it as failed. Look at what stands of it. If you undo it by hand, delete that row; if you finish it by hand, set success = true there: %s"
                                .formatted(
                                        script,
                                        history,
                                        shown.isEmpty() ? "(see the script)" : shown))
                .withScript(Optional.of(script));
    }

    /** An index that a migration would clear away is being built by somebody else. */
    static Failure beingBuilt(String script, String index, int pid) {
        return Failure.of(
                        FailureCode.HALF_DONE,
                        "the index %s of %s is being built by the session %d, which is not ours; wait until it has ended, and start a new process"
                                .formatted(index, script, pid))
                .withScript(Optional.of(script));
    }

    /** The line on which the statement begins that failed, if one did. */
    static Optional<Integer> lineOfStatement(Exception failure) {
        return in(failure, FlywaySqlScriptException.class)
                .map(FlywaySqlScriptException::getLineNumber);
    }

    /**
     * A migration took longer than a whole invocation of the function.
     *
     * @param noRollback whether what it did stands
     */
    static Failure outOfTime(Failure cancelled, boolean noRollback) {
        return new Failure(
                FailureCode.OUT_OF_TIME,
                FailureCode.OUT_OF_TIME.title(),
                noRollback
                        ? "the migration was cancelled before the function's time was over; it runs without a roll-back, and what it did stands"
                        : "the migration was cancelled and rolled back before the function's time was over",
                cancelled.sqlState(),
                cancelled.script(),
                cancelled.line(),
                cancelled.statement(),
                Optional.of(
                        "run this database's migrations where no time limit is: the worker's own zip"
                                + " runs as a container, see docs/operations.md; or split the migration"));
    }

    private Failure statement(FlywaySqlScriptException script, Exception whole) {
        String sqlState = SqlState.of(script).orElse("");
        FailureCode code =
                sqlState.equals(SqlState.LOCK_NOT_AVAILABLE)
                        ? FailureCode.LOCK_TIMEOUT
                        : FailureCode.SQL_FAILED;
        return new Failure(
                code,
                code.title(),
                serverMessage(script).orElseGet(() -> said(script, sqlState)),
                SqlState.of(script),
                migration(whole).or(() -> Optional.of(script.getResource().getFilename())),
                line(script),
                Optional.of(masking.statement(script.getStatement())),
                in(script, PSQLException.class)
                        .map(PSQLException::getServerErrorMessage)
                        .map(ServerErrorMessage::getHint)
                        .map(hint -> masking.message(hint, sqlState)));
    }

    /**
     * The line of the error: where the statement begins, and how far into it PostgreSQL points.
     * Flyway counts a statement's line from its first word, and hands on the comments before it all
     * the same.
     */
    private static Optional<Integer> line(FlywaySqlScriptException script) {
        String statement = script.getStatement();
        int begin = SqlText.begin(statement);
        int end =
                in(script, PSQLException.class)
                        .map(PSQLException::getServerErrorMessage)
                        .map(ServerErrorMessage::getPosition)
                        .map(position -> Math.clamp(position, begin, statement.length()))
                        .orElse(begin);
        long breaks = statement.substring(begin, end).chars().filter(c -> c == '\n').count();
        return Optional.of(script.getLineNumber() + (int) breaks);
    }

    private Failure server(PSQLException sql, Exception whole) {
        String state = String.valueOf(sql.getSQLState());
        String detail =
                serverMessage(sql).orElse("the server cannot be reached or did not answer")
                        + " (database "
                        + database
                        + ")";
        Failure failure =
                switch (state) {
                    case SqlState.INSUFFICIENT_PRIVILEGE ->
                            Failure.of(FailureCode.PERMISSION_DENIED, detail + "; " + grants());
                    default ->
                            SqlState.mayPass(state) || state.startsWith("28")
                                    ? Failure.of(FailureCode.DATABASE_UNAVAILABLE, detail)
                                    : Failure.of(FailureCode.MIGRATION_FAILED, detail);
                };
        return failure.withSqlState(Optional.of(state)).withScript(migration(whole));
    }

    private String grants() {
        String role = Identifier.quote(settings.server().url().user());
        return "to create a database the role needs ALTER ROLE %s CREATEDB; to use one, GRANT CONNECT, CREATE ON DATABASE %s TO %s"
                .formatted(role, Identifier.quote(database), role);
    }

    private Failure flyway(FlywayException exception) {
        FailureCode code =
                switch (exception.getErrorCode()) {
                    case CoreErrorCode.VALIDATE_ERROR,
                            CoreErrorCode.FAILED_REPEATABLE_MIGRATION,
                            CoreErrorCode.FAILED_VERSIONED_MIGRATION,
                            CoreErrorCode.DUPLICATE_VERSIONED_MIGRATION,
                            CoreErrorCode.DUPLICATE_REPEATABLE_MIGRATION,
                            CoreErrorCode.NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE ->
                            FailureCode.MIGRATIONS_INVALID;
                    case CoreErrorCode.CONFIGURATION -> FailureCode.CONFIGURATION_INVALID;
                    default -> FailureCode.MIGRATION_FAILED;
                };
        return Failure.of(code, said(exception, ""));
    }

    private static Optional<String> migration(Exception exception) {
        return in(exception, FlywayMigrateException.class)
                .map(FlywayMigrateException::getMigration)
                .map(migration -> migration.getScript())
                .or(() -> in(exception, RunFailedException.class).map(RunFailedException::script));
    }

    /** PostgreSQL's message with its detail, both without values. */
    private Optional<String> serverMessage(Exception exception) {
        Optional<ServerErrorMessage> server =
                in(exception, PSQLException.class).map(PSQLException::getServerErrorMessage);
        return server.map(message -> {
            String state = String.valueOf(message.getSQLState());
            String text = masking.message(String.valueOf(message.getMessage()), state);
            return Optional.ofNullable(message.getDetail())
                    .filter(detail -> !state.equals(SqlState.RAISE_EXCEPTION))
                    .map(detail -> text + " (" + masking.detail(detail, state) + ")")
                    .orElse(text);
        });
    }

    /** What an exception of Flyway says, without literals. */
    private String said(Exception exception, String sqlState) {
        return masking.message(text(exception), sqlState).strip();
    }

    private static String text(Exception exception) {
        return String.valueOf(exception.getMessage());
    }

    /** The first of this type in the chain of causes. */
    static <T extends Throwable> Optional<T> in(Throwable failure, Class<T> type) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (type.isInstance(at)) {
                return Optional.of(type.cast(at));
            }
        }
        return Optional.empty();
    }
}
