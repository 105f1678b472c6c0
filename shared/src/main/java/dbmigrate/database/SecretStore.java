package dbmigrate.database;

import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/**
 * User and password in a secret.
 *
 * <p>RDS's own secret is a JSON object with {@code username} and {@code password}; the rotation
 * templates' has {@code engine}, {@code host}, {@code port} and {@code dbname} besides. Nothing but
 * user and password is read: the environment says where the database is.
 */
final class SecretStore {
    private final SecretArn arn;
    private final SecretReader secret;

    SecretStore(SecretArn arn) {
        this.arn = arn;
        this.secret = new SecretReader(arn, "DATABASE_SECRET_ARN");
    }

    /** Reads user and password, as they are said to be. */
    Login current() throws SecretException {
        return login(secret.current());
    }

    /**
     * Reads what a rotation makes of them, which the server may have by now.
     *
     * @return empty where no rotation is under way
     */
    Optional<Login> pending() throws SecretException {
        try {
            return Optional.of(login(secret.pending()));
        } catch (ResourceNotFoundException e) {
            return Optional.empty();
        }
    }

    private Login login(Optional<String> content) throws SecretException {
        if (content.isEmpty()) {
            throw SecretException.invalid(
                    arn, "is binary; store a JSON object with username and password as its text");
        }
        Object document;
        try {
            document = Json.read(content.get());
        } catch (MalformedJsonException e) {
            // Even the place of the mistake says something of what stands there.
            throw SecretException.invalid(
                    arn, "is no JSON; store a JSON object with username and password");
        }
        if (!(document instanceof Map<?, ?>)) {
            throw SecretException.invalid(
                    arn, "is no JSON object; store one with username and password");
        }
        JsonObject members = JsonObject.of(document);
        return new Login(
                text(members, "username"), Optional.of(new Secret(text(members, "password"))));
    }

    private String text(JsonObject members, String name) throws SecretException {
        Optional<String> text = members.string(name).filter(value -> !value.isEmpty());
        if (text.isEmpty()) {
            throw SecretException.invalid(
                    arn,
                    "lacks %s; it must be a JSON object with username and password, both texts"
                            .formatted(name));
        }
        return text.get();
    }
}
