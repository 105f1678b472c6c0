package dbmigrate.database;

import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;
import software.amazon.awssdk.services.secretsmanager.model.SecretsManagerException;

/**
 * Reads one secret from Secrets Manager. This class alone knows the SDK's client of it: where no
 * secret is named, none of its classes is loaded.
 *
 * <p>RDS's own secret is a JSON object with {@code username} and {@code password}; the rotation
 * templates' has {@code engine}, {@code host}, {@code port} and {@code dbname} besides. Nothing but
 * user and password is read: the environment says where the database is.
 */
final class SecretStore {
    /** A router answers within 30 s, of which a database that resumes may take 20. */
    private static final Duration WHOLE_CALL = Duration.ofSeconds(5);

    private static final Duration ONE_TRY = Duration.ofSeconds(3);

    private final SecretArn arn;
    private final SecretsManagerClient client;

    SecretStore(SecretArn arn) {
        this.arn = arn;
        this.client =
                SecretsManagerClient.builder()
                        .region(Region.of(arn.region()))
                        .httpClientBuilder(
                                UrlConnectionHttpClient.builder()
                                        .connectionTimeout(ONE_TRY)
                                        .socketTimeout(ONE_TRY))
                        .overrideConfiguration(client ->
                                client.apiCallTimeout(WHOLE_CALL).apiCallAttemptTimeout(ONE_TRY))
                        .build();
    }

    /** Reads user and password, as they are said to be. */
    Login current() throws SecretException {
        try {
            return read("AWSCURRENT");
        } catch (ResourceNotFoundException e) {
            throw SecretException.unavailable(
                    "there is no secret %s, or it has no value; check DATABASE_SECRET_ARN, and whether the secret was deleted or made anew"
                            .formatted(arn),
                    e);
        }
    }

    /**
     * Reads what a rotation makes of them, which the server may have by now.
     *
     * @return empty where no rotation is under way
     */
    Optional<Login> pending() throws SecretException {
        try {
            return Optional.of(read("AWSPENDING"));
        } catch (ResourceNotFoundException e) {
            return Optional.empty();
        }
    }

    private Login read(String stage) throws SecretException {
        try {
            String content =
                    client.getSecretValue(wanted -> wanted.secretId(arn.text()).versionStage(stage))
                            .secretString();
            return login(Optional.ofNullable(content));
        } catch (ResourceNotFoundException e) {
            throw e;
        } catch (SecretsManagerException e) {
            throw SecretException.unavailable(refusal(e), e);
        } catch (SdkException e) {
            throw SecretException.unavailable(
                    "Secrets Manager cannot be asked for the secret %s; check that the function's network has a route to it (an interface endpoint for secretsmanager in the VPC that lets the function in on port 443, or NAT) and that it runs with a role"
                            .formatted(arn),
                    e);
        }
    }

    private String refusal(SecretsManagerException e) {
        String code =
                Optional.ofNullable(e.awsErrorDetails())
                        .map(AwsErrorDetails::errorCode)
                        .orElse("status " + e.statusCode());
        String check =
                switch (code) {
                    case "AccessDeniedException", "status 403" ->
                            "let the function's role do secretsmanager:GetSecretValue on it, and kms:Decrypt on its key where that is not aws/secretsmanager";
                    case "DecryptionFailure", "DecryptionFailureException" ->
                            "check that its KMS key is enabled and that the function's role may do kms:Decrypt on it";
                    case "InvalidRequestException" ->
                            "check whether it was marked for deletion: it can be restored";
                    default -> "the function's log has what it says";
                };
        return "Secrets Manager does not give the secret %s to this function (%s); %s"
                .formatted(arn, code, check);
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
