package dbmigrate.worker;

import java.util.Optional;
import org.flywaydb.core.api.callback.Statement;

/** Flyway ended in or right behind a migration, and its own exception does not say all of it. */
final class RunFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String script;
    private final transient Optional<String> markedIn;
    private final transient Optional<Statement> failed;

    /**
     * Composes the sentence.
     *
     * @param script the migration that was begun last, or that Flyway cannot read
     * @param markedIn the history that now has it as failed, since a part of it may stand
     * @param failed the statement that failed first; a callback that runs upon it can hide it
     */
    RunFailedException(
            String script, Optional<String> markedIn, Optional<Statement> failed, Throwable cause) {
        super("the run ended at " + script, cause);
        this.script = script;
        this.markedIn = markedIn;
        this.failed = failed;
    }

    String script() {
        return script;
    }

    Optional<String> markedIn() {
        return markedIn;
    }

    Optional<Statement> failed() {
        return failed;
    }
}
