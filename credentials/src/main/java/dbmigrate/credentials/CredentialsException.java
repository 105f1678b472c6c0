package dbmigrate.credentials;

/**
 * Why the credentials could not be made, as a sentence for whoever deploys: what happened, to what,
 * and what to check. It holds no password and no URL with a signature.
 */
final class CredentialsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CredentialsException(String sentence) {
        super(sentence);
    }

    CredentialsException(String sentence, Exception cause) {
        super(sentence, cause);
    }
}
