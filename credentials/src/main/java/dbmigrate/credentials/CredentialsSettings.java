package dbmigrate.credentials;

import dbmigrate.settings.Environment;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the custom resource's function has from its environment: one database, one secret and one
 * stack, so that whoever may call it can name none of them.
 *
 * @param secretName how the secret is called, also where it does not exist yet
 * @param kmsKey encrypts a secret that is made; empty for Secrets Manager's own
 * @param stackId whose events are done, no other stack's
 * @param databaseName which database the attribute DatabaseUrl names; empty for the one that RDS
 *     made
 */
record CredentialsSettings(
        DatabaseIdentifier database,
        String secretName,
        Optional<String> kmsKey,
        String stackId,
        Optional<String> databaseName,
        String region) {
    private static final Pattern SECRET_NAME = Pattern.compile("[A-Za-z0-9/_+=.@-]{1,512}");

    /**
     * Reads them.
     *
     * @throws dbmigrate.settings.InvalidEnvironmentException that names every missing or wrong
     *     variable
     */
    static CredentialsSettings read(Map<String, String> variables) {
        Environment environment = new Environment(variables);
        Optional<DatabaseIdentifier> database = DatabaseIdentifier.read(environment);
        Optional<String> secretName =
                environment.required("SECRET_NAME", CredentialsSettings::secretName);
        Optional<String> stackId = environment.required("STACK_ID", text -> text);
        Optional<String> region = environment.required("AWS_REGION", text -> text);
        environment.verify();
        return new CredentialsSettings(
                database.orElseThrow(),
                secretName.orElseThrow(),
                environment.text("SECRET_KMS_KEY_ARN"),
                stackId.orElseThrow(),
                environment.text("DATABASE_NAME"),
                region.orElseThrow());
    }

    private static String secretName(String text) {
        if (!SECRET_NAME.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "must be 1 to 512 letters, digits and /_+=.@-, as Secrets Manager takes them");
        }
        return text;
    }
}
