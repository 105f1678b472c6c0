package dbmigrate.worker;

/** Flyway ended in or right behind a migration, and its own exception does not say which. */
final class RunFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String script;

    RunFailedException(String script, Throwable cause) {
        super("the run ended at " + script, cause);
        this.script = script;
    }

    String script() {
        return script;
    }
}
