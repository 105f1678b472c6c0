package dbmigrate.credentials;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretResponse;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueRequest;

/** The secret that is rotated, as Secrets Manager has it. */
final class RotatedSecret implements AutoCloseable {
    private final String arn;
    private final AwsCalls calls;
    private final SecretsManagerClient secrets;

    RotatedSecret(String arn, String region, AwsCalls calls) {
        this.arn = arn;
        this.calls = calls;
        this.secrets =
                SecretsManagerClient.builder()
                        .region(Region.of(region))
                        .httpClient(AwsCalls.http())
                        .overrideConfiguration(AwsCalls::limits)
                        .build();
    }

    /**
     * Which versions it has.
     *
     * @param arn its whole name, where the variable may have left out the six characters that
     *     Secrets Manager puts behind it
     * @param stages the labels of each version that has any, by its id
     */
    record Versions(String arn, boolean isRotated, Map<String, List<String>> stages) {
        Versions {
            stages = Map.copyOf(stages);
        }

        /** The labels of a version; empty where there is none. */
        List<String> of(String version) {
            return stages.getOrDefault(version, List.of());
        }

        /** The id of the version that is current. */
        Optional<String> current() {
            return stages.entrySet().stream()
                    .filter(version -> version.getValue().contains("AWSCURRENT"))
                    .map(Map.Entry::getKey)
                    .findFirst();
        }
    }

    Versions versions() {
        DescribeSecretResponse said =
                calls.call(
                        "secretsmanager:DescribeSecret",
                        arn,
                        () -> secrets.describeSecret(wanted -> wanted.secretId(arn)));
        return new Versions(
                said.arn(),
                !Boolean.FALSE.equals(said.rotationEnabled()),
                said.versionIdsToStages());
    }

    /** The value of the version that has a label; empty where none has. */
    Optional<RotatedValue> labelled(String stage) {
        return value(stage, GetSecretValueRequest.builder().versionStage(stage));
    }

    /** The value that a rotation has made; empty where it has made none yet. */
    Optional<RotatedValue> pending(String token) {
        return value(
                "AWSPENDING",
                GetSecretValueRequest.builder().versionId(token).versionStage("AWSPENDING"));
    }

    private Optional<RotatedValue> value(String name, GetSecretValueRequest.Builder wanted) {
        try {
            String text =
                    calls.call(
                                    "secretsmanager:GetSecretValue",
                                    arn,
                                    () -> secrets.getSecretValue(wanted.secretId(arn).build()))
                            .secretString();
            return Optional.of(RotatedValue.parse(Optional.ofNullable(text).orElse(""), name));
        } catch (AwsCallException e) {
            if (e.is("ResourceNotFound")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Writes the version that a rotation makes. */
    void put(String token, String text, MasterPassword password) {
        called(
                "secretsmanager:PutSecretValue",
                Optional.of(password.reveal()),
                () ->
                        secrets.putSecretValue(wanted ->
                                wanted.secretId(arn)
                                        .clientRequestToken(token)
                                        .secretString(text)
                                        .versionStages("AWSPENDING")));
    }

    /**
     * Makes the version current. Secrets Manager takes its AWSPENDING away in the same call; a call
     * of one's own for that would look like a rotation that failed.
     */
    void promote(String token, String current) {
        called(
                "secretsmanager:UpdateSecretVersionStage",
                Optional.empty(),
                () ->
                        secrets.updateSecretVersionStage(wanted ->
                                wanted.secretId(arn)
                                        .versionStage("AWSCURRENT")
                                        .moveToVersionId(token)
                                        .removeFromVersionId(current)));
    }

    /** A password that nobody has yet. */
    MasterPassword newPassword() {
        return MasterPassword.made(secrets, calls);
    }

    private void called(String action, Optional<String> hidden, Supplier<Object> call) {
        calls.call(action, arn, hidden, call);
    }

    @Override
    public void close() {
        secrets.close();
    }
}
