package dbmigrate.worker;

import dbmigrate.process.Failure;

/** Files and history do not agree. */
final class HistoryFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    HistoryFailedException(Failure failure, Throwable cause) {
        super(failure.detail(), cause);
        this.failure = failure;
    }

    Failure failure() {
        return failure;
    }
}
