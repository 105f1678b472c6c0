package dbmigrate.process;

import java.util.Arrays;

/** The kinds of failure that a process can end with, and each one's title. */
public enum FailureCode {
    SQL_FAILED("A statement of a migration failed"),
    MIGRATION_FAILED("A migration failed"),
    NO_MIGRATIONS_FOUND("No migration was found"),
    MIGRATIONS_INVALID("Migrations and the database's history do not agree"),
    CONFIGURATION_INVALID("The configuration is not right"),
    DATABASE_UNAVAILABLE("The database could not be used"),
    PERMISSION_DENIED("The database role lacks a permission"),
    LOCK_TIMEOUT("A migration did not get a lock in time"),
    HALF_DONE("A migration without a transaction was cut off"),
    OUT_OF_TIME("A migration takes longer than the function may"),
    DEAD_LETTER("The queue gave the process up"),
    WORKERS_DIED("The workers of this process died"),
    INTERNAL_ERROR("db-migrate itself failed");

    private final String title;

    FailureCode(String title) {
        this.title = title;
    }

    /** What the code means, in a few words. */
    public String title() {
        return title;
    }

    /** Reads a name; a newer function's unknown one reads as {@link #INTERNAL_ERROR}. */
    static FailureCode of(String name) {
        return Arrays.stream(values())
                .filter(code -> code.name().equals(name))
                .findFirst()
                .orElse(INTERNAL_ERROR);
    }
}
