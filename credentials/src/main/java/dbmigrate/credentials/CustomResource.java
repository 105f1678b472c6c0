package dbmigrate.credentials;

import dbmigrate.log.Log;
import java.util.Map;
import java.util.Optional;

/**
 * The resource {@code Custom::DatabaseCredentials}: what CloudFormation asks for is done to one
 * secret and one database.
 */
record CustomResource(
        ResourceEvent event, Map<String, String> variables, Deadline deadline, Log log) {
    /**
     * Does it.
     *
     * @throws CredentialsException why it cannot be done
     * @throws AwsCallException which call of AWS failed
     * @throws dbmigrate.settings.InvalidEnvironmentException where the function is not set up
     */
    Outcome perform() {
        return switch (event.type()) {
            case UNKNOWN -> refused();
            case DELETE -> delete();
            case CREATE, UPDATE -> event.problems().isEmpty() ? make() : refused();
        };
    }

    private Outcome refused() {
        return new Outcome.Failure(
                "the event cannot be done: %s; nothing was done"
                        .formatted(String.join("; ", event.problems())));
    }

    private Outcome make() {
        CredentialsSettings settings = settings();
        AwsCalls calls = new AwsCalls(deadline);
        try (RdsDatabase rds = new RdsDatabase(settings.database(), settings.region(), calls);
                DatabaseSecret secret =
                        new DatabaseSecret(settings.secretName(), settings.region(), calls)) {
            MasterCredentials credentials =
                    new MasterCredentials(settings, rds, secret, new LoginProof(deadline), log);
            return new Outcome.Success(
                    Optional.of(
                            event.type() == ResourceEvent.Type.CREATE
                                    ? credentials.create(versionId())
                                    : credentials.update(versionId())),
                    Optional.empty());
        }
    }

    /** Those of the function, where it is this stack's. */
    private CredentialsSettings settings() {
        CredentialsSettings settings = CredentialsSettings.read(variables);
        if (!settings.stackId().equals(event.stackId())) {
            throw new CredentialsException(
                    "the event's StackId is %s, and this function works for %s alone (its STACK_ID); nothing was done"
                            .formatted(event.stackId(), settings.stackId()));
        }
        return settings;
    }

    /** A secret that somebody else made stays: a Create has refused it, and its Delete follows. */
    private Outcome delete() {
        if (!event.deleteSecret()) {
            return deleted("the secret, where there is one, stays: DeleteSecret is not true");
        }
        CredentialsSettings settings = settings();
        try (DatabaseSecret secret =
                new DatabaseSecret(
                        settings.secretName(), settings.region(), new AwsCalls(deadline))) {
            Optional<SecretVersions> versions = secret.find().filter(known -> !known.isMarked());
            if (versions.isEmpty()) {
                return deleted("there is no secret to delete");
            }
            if (!isOurs(versions.get())) {
                return deleted(
                        "%s stays: another one than this resource made it".formatted(secret));
            }
            secret.delete();
            return deleted(
                    "%s is marked for deletion; it can be restored for 30 days".formatted(secret));
        }
    }

    private boolean isOurs(SecretVersions versions) {
        return versions.isOurs() || versions.has(versionId());
    }

    private static Outcome deleted(String note) {
        return new Outcome.Success(Optional.empty(), Optional.of(note));
    }

    private String versionId() {
        return VersionId.of(event.stackId(), event.logicalId(), event.rotationId());
    }
}
