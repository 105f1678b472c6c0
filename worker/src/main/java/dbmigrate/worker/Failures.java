package dbmigrate.worker;

import dbmigrate.database.ConnectionFailure;
import dbmigrate.database.Identifier;
import dbmigrate.database.SessionRefusedException;
import dbmigrate.database.SqlState;
import dbmigrate.process.Command;
import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import dbmigrate.process.ProcessRowsException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.callback.Statement;
import org.flywaydb.core.internal.exception.FlywayMigrateException;
import org.flywaydb.core.internal.sqlscript.FlywaySqlScriptException;
import org.postgresql.util.PSQLException;

/** Makes of an exception what a caller may read of it. */
record Failures(WorkerSettings settings, String database, Masking masking) {
    /** Flyway hands it on with a statement. */
    private static final Pattern DELIMITER = Pattern.compile(";\\s*\\z");

    /** The failure that an exception stands for. */
    Failure of(Exception exception) {
        Failure failure = described(exception);
        Optional<RunFailedException> run = in(exception, RunFailedException.class);
        if (run.isEmpty()) {
            return failure;
        }
        String script = run.get().script();
        Failure whole =
                run.get()
                        .failed()
                        .filter(_ -> failure.script().filter(script::equals).isEmpty())
                        .flatMap(first -> first(first, script, failure))
                        .orElse(failure);
        return run.get()
                .markedIn()
                .map(history ->
                        whole.withAction(
                                HalfDoneFailure.action(script, lineIn(script, whole), history)))
                .orElse(whole);
    }

    private static Optional<Integer> lineIn(String script, Failure failure) {
        return failure.script().filter(script::equals).flatMap(_ -> failure.line());
    }

    /**
     * What failed first, where a callback that ran upon it failed as well. Flyway hands on the
     * first line of what the server said, and no place.
     */
    private Optional<Failure> first(Statement statement, String script, Failure callback) {
        return statement.getErrors().stream()
                .findFirst()
                .map(error -> {
                    String state = error.getState();
                    String said = String.valueOf(error.getMessage()).lines().findFirst().orElse("");
                    return Failure.of(
                                    StatementCode.ofState(state).orElse(FailureCode.SQL_FAILED),
                                    "%s (and %s, which ran upon that, failed as well: %s)"
                                            .formatted(
                                                    masking.message(said, state).strip(),
                                                    callback.script().orElse("a callback"),
                                                    callback.detail()))
                            .withSqlState(Optional.of(state))
                            .withScript(Optional.of(script))
                            .withStatement(
                                    masking.statement(
                                            DELIMITER
                                                    .matcher(statement.getSql())
                                                    .replaceFirst("")));
                });
    }

    private Failure described(Exception exception) {
        Optional<FlywaySqlScriptException> script = in(exception, FlywaySqlScriptException.class);
        if (script.isPresent()) {
            return new StatementFailure(script.get(), masking).in(migration(exception));
        }
        Optional<SessionRefusedException> refused = SessionRefusedException.in(exception);
        if (refused.isPresent()) {
            return Failure.of(
                    FailureCode.of(refused.get().kind()),
                    String.valueOf(refused.get().getMessage()));
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
            return server(sql.get()).withScript(migration(exception));
        }
        Optional<HistoryFailedException> history = in(exception, HistoryFailedException.class);
        if (history.isPresent()) {
            return history.get().failure();
        }
        Optional<FlywayException> flyway = in(exception, FlywayException.class);
        if (flyway.isPresent()) {
            return new FlywayFailure(flyway.get(), masking).in(migration(exception));
        }
        return switch (exception) {
            case InvalidConfigurationException e ->
                    Failure.of(FailureCode.CONFIGURATION_INVALID, text(e));
            case DatabaseMissingException e -> databaseMissing(e);
            default ->
                    Failure.of(
                            FailureCode.INTERNAL_ERROR,
                            "look for this processId in the worker's log");
        };
    }

    /** What may stand of a migration that was ended. */
    static Optional<Failure> halfDone(Exception exception) {
        return in(exception, RunFailedException.class)
                .flatMap(run ->
                        run.markedIn()
                                .map(history -> HalfDoneFailure.canceled(run.script(), history)));
    }

    /** No migration was found where they should be. */
    static Failure noMigrations(String folders) {
        return Failure.of(FailureCode.NO_MIGRATIONS_FOUND, "no migration was found in " + folders);
    }

    /** A database is missing that a migration may not create. */
    static Failure databaseMissing(DatabaseMissingException missing) {
        return Failure.of(FailureCode.DATABASE_MISSING, text(missing))
                .withAction(
                        "Name it in ALLOWED_DATABASES in full, set CREATE_BY_GLOB=true, or create it yourself; then POST again.");
    }

    /** A database is missing to which something was to be done that creates none. */
    static Failure nothingTo(Command command, String database) {
        return Failure.of(
                        FailureCode.DATABASE_MISSING,
                        "the database %s does not exist, and %s creates none"
                                .formatted(database, command.text()))
                .withAction("Check the name; a migration creates the database.");
    }

    /** A newer router has recorded what this worker cannot do. */
    static Failure unknownCommand(String command) {
        return Failure.of(
                        FailureCode.CONFIGURATION_INVALID,
                        "this worker cannot do the command %s: it is older than the router; deploy both"
                                .formatted(command))
                .withAction("Deploy router and worker of one version, and POST again.");
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

    /**
     * A migration took longer than a whole invocation of the function.
     *
     * @param noRollback whether what it did stands
     */
    static Failure outOfTime(Failure cancelled, boolean noRollback) {
        return cancelled.as(
                FailureCode.OUT_OF_TIME,
                noRollback
                        ? "the migration was cancelled before the function's time was over; it runs without a roll-back, and what it did stands"
                        : "the migration was cancelled and rolled back before the function's time was over");
    }

    /** A command other than migrate took longer than a whole invocation of the function. */
    static Failure commandOutOfTime(Command command) {
        return Failure.of(
                        FailureCode.OUT_OF_TIME,
                        "%s was cancelled before the function's time was over; what it had done by then stands"
                                .formatted(command.text()))
                .withAction(
                        "Find the transaction that is in the way (select pid, state, xact_start, query from pg_stat_activity), and POST again; or run the worker's own zip as a container, see docs/operations.md.");
    }

    /** Beside the statements of the scripts: a login, Flyway's own statements, a COMMIT. */
    private Failure server(PSQLException sql) {
        FailureCode code =
                ConnectionFailure.of(sql)
                        .map(FailureCode::of)
                        .or(() -> StatementCode.of(sql))
                        .orElse(FailureCode.MIGRATION_FAILED);
        Optional<ServerWords> words = ServerWords.of(sql, masking);
        String detail =
                words.map(said -> said.text() + " (database " + database + ")")
                        .orElseGet(() -> ServerWords.silence(sql) + " (" + address() + ")");
        Failure failure =
                Failure.of(code, detail)
                        .withSqlState(SqlState.of(sql))
                        .withServerWords(
                                words.flatMap(ServerWords::constraint),
                                words.flatMap(ServerWords::hint));
        return code == FailureCode.PERMISSION_DENIED ? failure.withAction(grants()) : failure;
    }

    private String address() {
        return settings.server().url().withDatabase(database).address();
    }

    private String grants() {
        String role = Identifier.quote(settings.server().url().owner());
        String schema = Identifier.quote(settings.server().url().schema().orElse("public"));
        return "Let an administrator run what is missing, and POST again: to create a database, ALTER ROLE %1$s CREATEDB; to use one, GRANT CONNECT, CREATE ON DATABASE %2$s TO %1$s, and in it GRANT USAGE, CREATE ON SCHEMA %3$s TO %1$s; where the history is somebody else's, GRANT SELECT, INSERT, UPDATE, DELETE ON its table TO %1$s."
                .formatted(role, Identifier.quote(database), schema);
    }

    private static Optional<String> migration(Exception exception) {
        return in(exception, FlywayMigrateException.class)
                .map(FlywayMigrateException::getMigration)
                .map(migration -> migration.getScript())
                .filter(script -> !script.isEmpty())
                .or(() -> in(exception, RunFailedException.class).map(RunFailedException::script));
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
