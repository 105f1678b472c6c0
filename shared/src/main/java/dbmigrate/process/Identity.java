package dbmigrate.process;

/**
 * Who asks, as the authoriser proved it.
 *
 * @param text what is kept on the row and in the audit trail
 * @param keyScope whose idempotency keys they are: one name for all sessions of a role, so that a
 *     repetition in a new session meets its key
 */
public record Identity(String text, String keyScope) {
    /** One whose keys are its own. */
    public static Identity of(String text) {
        return new Identity(text, text);
    }
}
