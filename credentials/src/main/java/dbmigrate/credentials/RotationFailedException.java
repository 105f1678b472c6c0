package dbmigrate.credentials;

/**
 * A step of a rotation was not taken. The runtime writes it into the log as it is: it keeps no
 * cause, whose words are the server's.
 */
public final class RotationFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RotationFailedException(String sentence) {
        super(sentence);
    }
}
