package dbmigrate.worker;

/** Leaves Flyway between two migrations; carries how the attempt is to end. */
final class AttemptStoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Ending ending;

    AttemptStoppedException(Ending ending) {
        super("the attempt stops: " + ending);
        this.ending = ending;
    }

    Ending ending() {
        return ending;
    }
}
