package dbmigrate.database;

import dbmigrate.aws.UrlConnections;
import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;
import software.amazon.awssdk.services.secretsmanager.model.SecretsManagerException;

/**
 * Reads the text of one secret from Secrets Manager. This class alone knows the SDK's client of it:
 * where no secret is read, none of its classes is loaded.
 */
public final class SecretReader {
    /** A router answers within 30 s, of which a database that resumes may take 20. */
    private static final Duration WHOLE_CALL = Duration.ofSeconds(5);

    private static final Duration ONE_TRY = Duration.ofSeconds(3);

    private final SecretArn arn;
    private final String variable;
    private final SecretsManagerClient client;

    /**
     * A client of the secret, which is not read yet.
     *
     * @param variable what names the secret, for whoever has to look for a mistake
     */
    public SecretReader(SecretArn arn, String variable) {
        this.arn = arn;
        this.variable = variable;
        this.client =
                SecretsManagerClient.builder()
                        .region(Region.of(arn.region()))
                        .httpClient(new UrlConnections(ONE_TRY))
                        .overrideConfiguration(client ->
                                client.apiCallTimeout(WHOLE_CALL).apiCallAttemptTimeout(ONE_TRY))
                        .build();
    }

    /**
     * Its text, as it is said to be.
     *
     * @return empty where it is binary
     * @throws SecretException where it cannot be had
     */
    public Optional<String> current() throws SecretException {
        try {
            return read("AWSCURRENT");
        } catch (ResourceNotFoundException e) {
            throw SecretException.unavailable(
                    "there is no secret %s, or it has no value; check %s, and whether the secret was deleted or made anew"
                            .formatted(arn, variable),
                    e);
        }
    }

    /**
     * What a rotation makes of it.
     *
     * @throws ResourceNotFoundException where no rotation is under way
     */
    Optional<String> pending() throws SecretException {
        return read("AWSPENDING");
    }

    private Optional<String> read(String stage) throws SecretException {
        try {
            return Optional.ofNullable(
                    client.getSecretValue(wanted -> wanted.secretId(arn.text()).versionStage(stage))
                            .secretString());
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
}
