package dbmigrate.process;

import dbmigrate.database.ConnectionFailure;
import java.util.Arrays;

/** The kinds of failure that a process can end with, each one's title, and what to do next. */
public enum FailureCode {
    SYNTAX_ERROR(
            "A statement is no valid SQL",
            "Correct the script where line and column point, deploy it, and POST again; what is not applied may be edited."),
    OBJECT_MISSING(
            "A statement names what does not exist",
            "Check the spelling and the schema (search_path), and that what creates it has a lower version; correct the script, deploy it, and POST again."),
    OBJECT_EXISTS(
            "A statement creates what exists already",
            "Find out who made it: another migration, or somebody by hand. Drop or rename that one, or let the script accept it (IF NOT EXISTS), and POST again."),
    CONSTRAINT_VIOLATED(
            "Rows violate a constraint",
            "Look for the rows that violate it (its name stands in constraint or detail), correct them by hand or in a migration before this one, and POST again."),
    PERMISSION_DENIED(
            "The database role lacks a permission",
            "Let an administrator grant the role what detail names, or make the role its owner (ALTER … OWNER TO), and POST again."),
    LOCK_TIMEOUT(
            "A migration did not get a lock in time",
            "Find the transaction that holds it (select pid, state, xact_start, query from pg_stat_activity), end it (select pg_terminate_backend(pid); a prepared one, which pg_prepared_xacts lists, with ROLLBACK PREPARED), and POST again."),
    STATEMENT_TIMEOUT(
            "A statement was cancelled on the server",
            "Detail says whether statement_timeout did it or somebody's pg_cancel_backend. Raise the time-out in the script (set local statement_timeout) or split the work, and POST again."),
    DEADLOCK(
            "A migration and another session waited for each other",
            "POST again when the application is quiet; where it happens again, lock the tables in the order in which the application does."),
    DISK_FULL(
            "The server's disk is full",
            "Give the server more storage or free some of it (FreeStorageSpace on RDS; df on its machine), and POST again."),
    TRANSACTION_IN_THE_WAY(
            "A statement cannot run in a transaction",
            "Put it into a script of its own, and beside that a file of the same name with .conf behind it that holds executeInTransaction=false; deploy both, and POST again."),
    SQL_FAILED(
            "A statement of a migration failed",
            "Correct the script where line and column point, deploy it, and POST again."),
    HOST_UNKNOWN(ConnectionFailure.HOST_UNKNOWN),
    TLS_REFUSED(ConnectionFailure.TLS_REFUSED),
    PASSWORD_REFUSED(ConnectionFailure.PASSWORD_REFUSED),
    SECRET_UNAVAILABLE(ConnectionFailure.SECRET_UNAVAILABLE),
    SECRET_INVALID(ConnectionFailure.SECRET_INVALID),
    TOKEN_UNAVAILABLE(ConnectionFailure.TOKEN_UNAVAILABLE),
    TOKEN_REFUSED(ConnectionFailure.TOKEN_REFUSED),
    OWNER_ROLE_REFUSED(ConnectionFailure.OWNER_ROLE_REFUSED),
    DATABASE_MISSING(ConnectionFailure.DATABASE_MISSING),
    TOO_MANY_CONNECTIONS(ConnectionFailure.TOO_MANY_CONNECTIONS),
    READ_ONLY_SERVER(ConnectionFailure.READ_ONLY_SERVER),
    SERVER_STARTING(ConnectionFailure.SERVER_STARTING),
    SERVER_SHUTTING_DOWN(ConnectionFailure.SERVER_SHUTTING_DOWN),
    DATABASE_UNAVAILABLE(ConnectionFailure.DATABASE_UNAVAILABLE),
    NO_MIGRATIONS_FOUND(
            "No migration was found",
            "Check that the migrations layer is attached to the worker, that the files are named like V1__create_tables.sql, and MIGRATIONS where it is set; then POST again."),
    MIGRATION_MISNAMED(
            "A file's name is not that of a migration",
            "Rename it to V<version>__<description>.sql or R__<description>.sql (two underscores) or take it out of the folder, deploy it, and POST again."),
    MIGRATION_UNREADABLE(
            "A migration's file is not in the encoding that is expected",
            "Save it as UTF-8, or set flyway.encoding in flyway.conf beside the SQL; deploy it, and POST again."),
    PLACEHOLDER_MISSING(
            "A placeholder of a migration has no value",
            "Send its value in \"placeholders\" (ALLOWED_PLACEHOLDERS must name it), or set flyway.placeholders.<name> in flyway.conf beside the SQL; where ${…} is no placeholder, flyway.placeholderReplacement=false. Deploy it, and POST again."),
    MIGRATION_DUPLICATE(
            "Two migrations have the same version or name",
            "Give one of them another version (a repeatable one another description), deploy it, and POST again."),
    BASELINE_MISSING(
            "The database holds objects and no history",
            "POST {\"command\": \"baseline\", \"baselineVersion\": \"<the version of the last migration whose work stands there already>\"}, or put flyway.baselineOnMigrate=true and flyway.baselineVersion into flyway.conf beside the SQL and deploy it; then POST again."),
    CHECKSUM_CHANGED(
            "A migration was changed after it was applied",
            "Restore the file as it was when it was applied, and put the change into a new migration; deploy it, and POST again."),
    MIGRATION_MISSING(
            "An applied migration's file is gone",
            "Put the file back: was this built from an older commit or from another branch? Deploy it, and POST again."),
    OUT_OF_ORDER(
            "A migration is older than one that is applied",
            "Give it a version above the newest applied one and deploy it; or POST with \"outOfOrder\": true, if it does not matter that it runs after that one."),
    EARLIER_FAILURE(
            "The history holds a failed migration",
            "Look at what stands of it. Undone: POST {\"command\": \"repair\"}, which deletes its row from the history; finished by hand: set success = true there. Then POST again."),
    MIGRATIONS_INVALID(
            "Migrations and the database's history do not agree",
            "Make the files agree with what detail says of the history, deploy them, and POST again."),
    VALIDATION_FAILED(
            "Migrations would be refused",
            "Do for each of result.differences what its action says; then POST again."),
    BASELINE_REFUSED(
            "The history stands already",
            "A baseline is for a database without a history: POST {\"command\": \"info\"} to see what it says. Where it is a baseline that is wrong and nothing else, drop that table by hand, and POST again."),
    REHEARSAL_LIMIT(
            "The rehearsal took longer than it may",
            "Result says how far it came. Rehearse on a copy (\"on\": \"copy\"), where nobody waits for its locks, or give it more time by REHEARSAL_LIMIT; then POST again."),
    SCHEMA_NOT_COPIED(
            "The database's schema cannot be copied",
            "Rehearse on the target, or see docs/operations.md for what a copy cannot hold."),
    DANGEROUS_STATEMENT(
            "A statement is dangerous to what stands in the database",
            "Do as safeWay of the warnings says (info lists them); or accept it by a comment before the statement: -- db-migrate: accept <rule> because <reason>. Deploy it, and POST again."),
    CONFIGURATION_INVALID(
            "The configuration is not right",
            "Correct the setting that detail names, and POST again."),
    MIGRATION_FAILED(
            "A migration failed",
            "Do as detail says; the worker's log has the rest, by the process id."),
    HALF_DONE(
            "A migration that no roll-back undoes did not end",
            "Look at what stands of the statements that detail lists, finish or undo them by hand, and correct the history as docs/operations.md says; then POST again."),
    OUT_OF_TIME(
            "A migration takes longer than the function may",
            "Run this database's migrations where no time limit is: the worker's own zip runs as a container, see docs/operations.md; or split the migration."),
    DEAD_LETTER(
            "The queue gave the process up",
            "Look for the process id in the worker's log, and POST again."),
    WORKERS_DIED(
            "The workers of this process died",
            "Look in the worker's log whether its memory or its time was at an end, give it more or split the migration, and POST again."),
    INTERNAL_ERROR(
            "db-migrate itself failed",
            "Look for the process id in the worker's log, and report what stands there.");

    private final String title;
    private final String action;

    FailureCode(String title, String action) {
        this.title = title;
        this.action = action;
    }

    FailureCode(ConnectionFailure kind) {
        this(kind.title(), kind.action());
    }

    /** What the code means, in a few words. */
    public String title() {
        return title;
    }

    /** What to do next, in one or two sentences, where a failure does not know it better. */
    public String action() {
        return action;
    }

    /** The code of a connection's failure. */
    public static FailureCode of(ConnectionFailure kind) {
        return switch (kind) {
            case HOST_UNKNOWN -> HOST_UNKNOWN;
            case TLS_REFUSED -> TLS_REFUSED;
            case PASSWORD_REFUSED -> PASSWORD_REFUSED;
            case SECRET_UNAVAILABLE -> SECRET_UNAVAILABLE;
            case SECRET_INVALID -> SECRET_INVALID;
            case TOKEN_UNAVAILABLE -> TOKEN_UNAVAILABLE;
            case TOKEN_REFUSED -> TOKEN_REFUSED;
            case OWNER_ROLE_REFUSED -> OWNER_ROLE_REFUSED;
            case DATABASE_MISSING -> DATABASE_MISSING;
            case TOO_MANY_CONNECTIONS -> TOO_MANY_CONNECTIONS;
            case READ_ONLY_SERVER -> READ_ONLY_SERVER;
            case SERVER_STARTING -> SERVER_STARTING;
            case SERVER_SHUTTING_DOWN -> SERVER_SHUTTING_DOWN;
            case DATABASE_UNAVAILABLE -> DATABASE_UNAVAILABLE;
        };
    }

    /** Reads a name; a newer function's unknown one reads as {@link #INTERNAL_ERROR}. */
    static FailureCode of(String name) {
        return Arrays.stream(values())
                .filter(code -> code.name().equals(name))
                .findFirst()
                .orElse(INTERNAL_ERROR);
    }
}
