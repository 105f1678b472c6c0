package dbmigrate.worker;

import java.util.Optional;

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

    /** The one in a chain of causes: Flyway wraps what a callback throws. */
    static Optional<AttemptStoppedException> in(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof AttemptStoppedException stopped) {
                return Optional.of(stopped);
            }
        }
        return Optional.empty();
    }
}
