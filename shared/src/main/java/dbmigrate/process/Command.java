package dbmigrate.process;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a process does, as requests, rows and permissions name it. */
public enum Command {
    MIGRATE,
    INFO,
    VALIDATE,
    REHEARSE,
    REPAIR,
    BASELINE;

    /** The command of this name, in lower case as {@link #text} writes it. */
    public static Optional<Command> named(String text) {
        return Arrays.stream(values()).filter(command -> command.text().equals(text)).findFirst();
    }

    /** Its name in requests and rows. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it changes Flyway's history by hand, and so is allowed by name alone. */
    public boolean rewritesHistory() {
        return switch (this) {
            case MIGRATE, INFO, VALIDATE, REHEARSE -> false;
            case REPAIR, BASELINE -> true;
        };
    }
}
