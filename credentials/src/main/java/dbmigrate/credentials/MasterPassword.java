package dbmigrate.credentials;

import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * A password that RDS takes and that means the same in every URL, shell and file; it prints masked.
 *
 * @param reveal the password itself
 */
record MasterPassword(String reveal) {
    /** Aurora takes 8 to 41 characters. */
    static final int LENGTH = 32;

    /**
     * RDS takes no slash, quotation mark, at sign or blank. The others end or escape something in a
     * URL (RFC 3986's delimiters, the percent sign), a shell or a .env file; what stays still has
     * more than 190 bits.
     */
    static final String EXCLUDED = "/\"@'\\ :?#[]%&+;=,!$`{}()<>|^~*";

    /**
     * Takes it as it comes.
     *
     * @throws CredentialsException where it is not as it was asked for; it is not shown
     */
    MasterPassword {
        boolean isFit =
                reveal.length() == LENGTH
                        && reveal.chars()
                                .allMatch(c -> c > ' ' && c < 127 && EXCLUDED.indexOf(c) < 0);
        if (!isFit) {
            throw new CredentialsException(
                    "Secrets Manager made a password that is not as it was asked for (32 printable characters, without those that break URLs); deploy again");
        }
    }

    /** Has Secrets Manager make one. */
    static MasterPassword made(SecretsManagerClient secrets, AwsCalls calls) {
        return new MasterPassword(
                calls.call(
                                "secretsmanager:GetRandomPassword",
                                "*",
                                () ->
                                        secrets.getRandomPassword(wanted ->
                                                wanted.passwordLength((long) LENGTH)
                                                        .excludeCharacters(EXCLUDED)
                                                        .requireEachIncludedType(true)))
                        .randomPassword());
    }

    @Override
    public String toString() {
        return "****";
    }
}
