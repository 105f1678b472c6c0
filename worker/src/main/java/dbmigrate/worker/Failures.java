package dbmigrate.worker;

import dbmigrate.database.Identifier;
import dbmigrate.database.SqlState;
import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.internal.exception.FlywayMigrateException;
import org.flywaydb.core.internal.sqlscript.FlywaySqlScriptException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Makes of an exception what a caller may read of it. */
record Failures(WorkerSettings settings, String database, Masking masking) {
    private static final Pattern LEADING_COMMENTS =
            Pattern.compile("(\\s+|--[^\\n]*(\\n|\\z)|/\\*.*?\\*/)+", Pattern.DOTALL);

    /** The failure that an exception stands for. */
    Failure of(Exception exception) {
        Optional<FlywaySqlScriptException> script = in(exception, FlywaySqlScriptException.class);
        if (script.isPresent()) {
            return statement(script.get(), exception);
        }
        Optional<PSQLException> sql = in(exception, PSQLException.class);
        if (sql.isPresent()) {
            return server(sql.get(), exception);
        }
        return switch (exception) {
            case FlywayException flyway -> flyway(flyway);
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

    private Failure statement(FlywaySqlScriptException script, Exception whole) {
        String sqlState = SqlState.of(script).orElse("");
        return new Failure(
                FailureCode.SQL_FAILED,
                FailureCode.SQL_FAILED.title(),
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
     * The line of the error: where the statement begins, and how far into it PostgreSQL points. Flyway
     * counts a statement's line from its first word, and hands on the comments before it all the same.
     */
    private static Optional<Integer> line(FlywaySqlScriptException script) {
        String statement = script.getStatement();
        Matcher comments = LEADING_COMMENTS.matcher(statement);
        int begin = comments.lookingAt() ? comments.end() : 0;
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
        return Failure.of(code, said(exception, "")).withScript(migration(exception));
    }

    private static Optional<String> migration(Exception exception) {
        return in(exception, FlywayMigrateException.class)
                .map(FlywayMigrateException::getMigration)
                .map(migration -> migration.getScript());
    }

    /** PostgreSQL's message with its detail, both without values. */
    private Optional<String> serverMessage(Exception exception) {
        Optional<ServerErrorMessage> server =
                in(exception, PSQLException.class).map(PSQLException::getServerErrorMessage);
        return server.map(message -> {
            String state = String.valueOf(message.getSQLState());
            String text = masking.message(String.valueOf(message.getMessage()), state);
            return Optional.ofNullable(message.getDetail())
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

    private static <T extends Throwable> Optional<T> in(Throwable failure, Class<T> type) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (type.isInstance(at)) {
                return Optional.of(type.cast(at));
            }
        }
        return Optional.empty();
    }
}
