package dbmigrate.credentials;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.CreateSecretResponse;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretResponse;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueResponse;
import software.amazon.awssdk.services.secretsmanager.model.ListSecretVersionIdsResponse;

/** One secret in Secrets Manager, whether it exists or not. */
final class DatabaseSecret implements AutoCloseable {
    /**
     * How a secret that this function made is known again, whoever gave it other versions since.
     */
    static final String DESCRIPTION = "The database's credentials, made by db-migrate";

    /** Long enough for a mistake to be noticed: the most that Secrets Manager offers. */
    private static final long RECOVERY_DAYS = 30;

    private final String id;
    private final AwsCalls calls;
    private final SecretsManagerClient secrets;

    /**
     * A secret.
     *
     * @param id its name or its ARN
     */
    DatabaseSecret(String id, String region, AwsCalls calls) {
        this.id = id;
        this.calls = calls;
        this.secrets =
                SecretsManagerClient.builder()
                        .region(Region.of(region))
                        .httpClient(AwsCalls.http())
                        .overrideConfiguration(AwsCalls::limits)
                        .build();
    }

    /** Its versions, also of one that is marked for deletion; empty where there is none. */
    Optional<SecretVersions> find() {
        try {
            return Optional.of(versions(describe()));
        } catch (AwsCallException e) {
            if (e.is("ResourceNotFound")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** The same; a mark for deletion is taken away. */
    Optional<SecretVersions> restored() {
        Optional<SecretVersions> versions = find();
        if (versions.filter(SecretVersions::isMarked).isPresent()) {
            calls.call(
                    "secretsmanager:RestoreSecret",
                    id,
                    () -> secrets.restoreSecret(wanted -> wanted.secretId(id)));
        }
        return versions;
    }

    /**
     * Makes it, without a value. That it exists already is no fault: another call for the same
     * request, or a try of this one whose answer was lost, has made it.
     */
    SecretVersions create(Optional<String> kmsKey) {
        try {
            CreateSecretResponse made =
                    calls.call(
                            "secretsmanager:CreateSecret",
                            id,
                            () ->
                                    secrets.createSecret(wanted ->
                                            wanted.name(id)
                                                    .description(DESCRIPTION)
                                                    .kmsKeyId(kmsKey.orElse(null))));
            return new SecretVersions(made.arn(), true, false, Map.of());
        } catch (AwsCallException e) {
            if (!e.is("ResourceExists")) {
                throw e;
            }
            return versions(describe());
        }
    }

    /** The text of a version; empty where it has none, as a rotation leaves it that has begun. */
    Optional<String> value(String versionId) {
        try {
            GetSecretValueResponse value =
                    calls.call(
                            "secretsmanager:GetSecretValue",
                            id,
                            () ->
                                    secrets.getSecretValue(
                                            wanted -> wanted.secretId(id).versionId(versionId)));
            return Optional.ofNullable(value.secretString());
        } catch (AwsCallException e) {
            if (e.is("ResourceNotFound")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Writes a version with one label.
     *
     * @return whether it did; false where the version exists with another text
     */
    boolean put(String versionId, SecretContent content, String stage) {
        try {
            calls.call(
                    "secretsmanager:PutSecretValue",
                    id,
                    Optional.of(content.password().reveal()),
                    () ->
                            secrets.putSecretValue(wanted ->
                                    wanted.secretId(id)
                                            .clientRequestToken(versionId)
                                            .secretString(content.json())
                                            .versionStages(stage)));
            return true;
        } catch (AwsCallException e) {
            if (e.is("ResourceExists")) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Makes a version the current one, and takes its mark as pending away. A label that is already
     * where it belongs is left there, so that a try whose answer was lost can be repeated.
     */
    void promote(String versionId) {
        moved(versions -> {
            Optional<String> current = versions.current();
            if (!current.equals(Optional.of(versionId))) {
                move(SecretVersions.CURRENT, current.orElse(null), versionId);
            }
            if (versions.labelled(SecretVersions.PENDING).equals(Optional.of(versionId))) {
                move(SecretVersions.PENDING, versionId, null);
            }
        });
    }

    /**
     * Makes a version that exists pending, unless it is current: whoever logs in tries the labels,
     * and this one's may have gone to another version since it was written.
     */
    void stage(String versionId) {
        moved(versions -> {
            Optional<String> pending = versions.labelled(SecretVersions.PENDING);
            if (!versions.current().equals(Optional.of(versionId))
                    && !pending.equals(Optional.of(versionId))) {
                move(SecretVersions.PENDING, pending.orElse(null), versionId);
            }
        });
    }

    /** Takes the mark as pending away from whatever has it. */
    void unstage() {
        moved(versions ->
                versions.labelled(SecretVersions.PENDING)
                        .ifPresent(id -> move(SecretVersions.PENDING, id, null)));
    }

    /** Somebody else may move a label meanwhile: then they are looked at once more. */
    private void moved(Consumer<SecretVersions> change) {
        try {
            change.accept(find().orElseThrow());
        } catch (AwsCallException e) {
            if (!e.is("InvalidParameter")) {
                throw e;
            }
            change.accept(find().orElseThrow());
        }
    }

    private void move(String stage, @Nullable String from, @Nullable String to) {
        calls.call(
                "secretsmanager:UpdateSecretVersionStage",
                id,
                () ->
                        secrets.updateSecretVersionStage(wanted ->
                                wanted.secretId(id)
                                        .versionStage(stage)
                                        .removeFromVersionId(from)
                                        .moveToVersionId(to)));
    }

    /** A password that nobody has yet. */
    MasterPassword newPassword() {
        return MasterPassword.made(secrets, calls);
    }

    /** Marks it for deletion; it can be restored for {@value #RECOVERY_DAYS} days. */
    void delete() {
        calls.call(
                "secretsmanager:DeleteSecret",
                id,
                () ->
                        secrets.deleteSecret(
                                wanted -> wanted.secretId(id).recoveryWindowInDays(RECOVERY_DAYS)));
    }

    private DescribeSecretResponse describe() {
        return calls.call(
                "secretsmanager:DescribeSecret",
                id,
                () -> secrets.describeSecret(wanted -> wanted.secretId(id)));
    }

    /** Also those that have no label any more: they tell which rotations there were. */
    private SecretVersions versions(DescribeSecretResponse secret) {
        Map<String, List<String>> stages = new HashMap<>();
        List<String> page = new ArrayList<>();
        do {
            String token = page.isEmpty() ? null : page.removeFirst();
            ListSecretVersionIdsResponse versions =
                    calls.call(
                            "secretsmanager:ListSecretVersionIds",
                            id,
                            () ->
                                    secrets.listSecretVersionIds(wanted ->
                                            wanted.secretId(id)
                                                    .includeDeprecated(true)
                                                    .nextToken(token)));
            versions.versions()
                    .forEach(version -> stages.put(version.versionId(), version.versionStages()));
            Optional.ofNullable(versions.nextToken())
                    .filter(next -> !next.isEmpty())
                    .ifPresent(page::add);
        } while (!page.isEmpty());
        return new SecretVersions(
                secret.arn(),
                DESCRIPTION.equals(secret.description()),
                secret.deletedDate() != null,
                stages);
    }

    @Override
    public String toString() {
        return "the secret " + id;
    }

    @Override
    public void close() {
        secrets.close();
    }
}
