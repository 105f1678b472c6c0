package dbmigrate.local;

/** The system cannot start or go on; the message says what happened, to what, and what to check. */
final class LocalException extends RuntimeException {
    LocalException(String message) {
        super(message);
    }

    LocalException(String message, Throwable cause) {
        super(message + " (" + cause.getMessage() + ")", cause);
    }
}
