package dbmigrate.credentials;

/**
 * An event that nobody can be answered about: it is no event of CloudFormation's. Lambda is told
 * that the call failed, so that it shows in the function's errors; nothing was done, also not when
 * Lambda repeats it.
 */
final class RefusedEventException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedEventException(String sentence) {
        super(sentence);
    }
}
