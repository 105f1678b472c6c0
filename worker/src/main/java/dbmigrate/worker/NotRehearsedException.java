package dbmigrate.worker;

/** Leaves Flyway before a migration that a rehearsal does not run; carries why. */
final class NotRehearsedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    NotRehearsedException(String script, String reason) {
        super(script + " is not rehearsed: " + reason);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
