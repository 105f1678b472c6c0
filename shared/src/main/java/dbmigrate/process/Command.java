package dbmigrate.process;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a process is to do, as requests, rows and permissions name it. */
public enum Command {
    /** Applies what is pending. */
    MIGRATE,
    /** Says of every migration in which state it is; changes nothing. */
    INFO,
    /** Says whether a migration would be refused, and why; changes nothing. */
    VALIDATE,
    /** Makes the history agree with the files. */
    REPAIR,
    /** Writes the history of a database whose objects stand already. */
    BASELINE,
    /** Runs what is pending in one transaction that is rolled back. */
    REHEARSE,
    /**
     * Runs what is pending in a scratch database made from the target's schema. In a row it is a
     * command of its own, so that a worker that knows of no copy cannot take it for the other one.
     */
    REHEARSE_COPY,
    /** The same with the statistics of the target's tables; of its own for the same reason. */
    REHEARSE_COPY_STATISTICS,
    /** What only a newer function can do; nobody asks for it here. */
    UNKNOWN;

    /** Those that a caller may ask for by their word. */
    public static final List<Command> KNOWN =
            Arrays.stream(values())
                    .filter(command -> command != UNKNOWN && !command.isOnCopy())
                    .toList();

    /** As a row has it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** As a request and an answer have it. */
    public String word() {
        return isOnCopy() ? REHEARSE.text() : text();
    }

    /** Reads a row's word; another one reads as {@link #UNKNOWN}. */
    public static Command of(String text) {
        return Arrays.stream(values())
                .filter(command -> command != UNKNOWN && command.text().equals(text))
                .findFirst()
                .orElse(UNKNOWN);
    }

    /** Whether it runs what is pending and leaves nothing of it. */
    public boolean isRehearsal() {
        return this == REHEARSE || isOnCopy();
    }

    /** Whether it is a rehearsal in a scratch database. */
    public boolean isOnCopy() {
        return this == REHEARSE_COPY || this == REHEARSE_COPY_STATISTICS;
    }

    /** Whether it only looks, and must leave everything as it is. */
    public boolean onlyReads() {
        return switch (this) {
            case INFO, VALIDATE -> true;
            case MIGRATE,
                    REPAIR,
                    BASELINE,
                    REHEARSE,
                    REHEARSE_COPY,
                    REHEARSE_COPY_STATISTICS,
                    UNKNOWN ->
                    false;
        };
    }

    /** Whether it changes Flyway's history by hand, and so is allowed by name alone. */
    public boolean rewritesHistory() {
        return switch (this) {
            case REPAIR, BASELINE -> true;
            case MIGRATE,
                    INFO,
                    VALIDATE,
                    REHEARSE,
                    REHEARSE_COPY,
                    REHEARSE_COPY_STATISTICS,
                    UNKNOWN ->
                    false;
        };
    }
}
