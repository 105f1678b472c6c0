package dbmigrate.database;

/**
 * A database URL that cannot be used. The message names the part that is wrong and what to do about
 * it; it never holds a value from the URL, since a password that is not percent-encoded can end up
 * in any part of it.
 */
public final class InvalidDatabaseUrlException extends IllegalArgumentException {
    /** What to check wherever the parts do not add up. */
    static final String PERCENT_ENCODE = "percent-encode @ : / ? # % in the password";

    /**
     * @param part what is wrong, such as "the port"
     * @param problem the rest of the sentence
     */
    InvalidDatabaseUrlException(String part, String problem) {
        super(part + " " + problem);
    }
}
