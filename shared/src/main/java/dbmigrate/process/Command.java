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
    /** What only a newer function can do; nobody asks for it here. */
    UNKNOWN;

    /** Those that a caller may ask for. */
    public static final List<Command> KNOWN =
            Arrays.stream(values()).filter(command -> command != UNKNOWN).toList();

    /** As a request and a row have it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Reads a request's or a row's word; another one reads as {@link #UNKNOWN}. */
    public static Command of(String text) {
        return KNOWN.stream()
                .filter(command -> command.text().equals(text))
                .findFirst()
                .orElse(UNKNOWN);
    }

    /** Whether it only looks, and must leave everything as it is. */
    public boolean onlyReads() {
        return switch (this) {
            case INFO, VALIDATE -> true;
            case MIGRATE, REPAIR, BASELINE, UNKNOWN -> false;
        };
    }

    /** Whether it changes Flyway's history by hand, and so is allowed by name alone. */
    public boolean rewritesHistory() {
        return switch (this) {
            case REPAIR, BASELINE -> true;
            case MIGRATE, INFO, VALIDATE, UNKNOWN -> false;
        };
    }
}
