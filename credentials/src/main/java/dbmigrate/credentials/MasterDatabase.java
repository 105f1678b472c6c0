package dbmigrate.credentials;

import dbmigrate.database.DatabaseUrl;
import dbmigrate.database.InvalidDatabaseUrlException;
import dbmigrate.database.Login;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What RDS says of the database.
 *
 * @param name for messages
 * @param masterUser who the password belongs to
 * @param host the writer's endpoint; empty while RDS makes it
 * @param databaseName the one that RDS made with it, where it did
 * @param managedSecret the secret with which RDS manages the password itself, where it does
 * @param instead the cluster whose password it is, where this is an instance of one
 * @param passwordIsPending whether RDS has a password that it has yet to set
 */
record MasterDatabase(
        String name,
        String status,
        String engine,
        String masterUser,
        Optional<String> host,
        int port,
        Optional<String> databaseName,
        Optional<String> managedSecret,
        Optional<String> instead,
        boolean passwordIsPending) {
    private static final Set<String> ENGINES = Set.of("aurora-postgresql", "postgres");

    /** It works in them as in the first; the last goes on for days. */
    private static final Set<String> CHANGEABLE =
            Set.of("available", "backing-up", "storage-optimization");

    /** Nothing but a person ends these. */
    private static final List<String> STUCK =
            List.of(
                    "stopped",
                    "stopping",
                    "deleting",
                    "failed",
                    "inaccessible-encryption-credentials",
                    "incompatible-",
                    "restore-error",
                    "cloning-failed",
                    "migration-failed");

    /**
     * Refuses what waiting does not help.
     *
     * @throws CredentialsException that says why, and what to do instead
     */
    void verify() {
        if (!ENGINES.contains(engine)) {
            throw new CredentialsException(
                    "%s is of engine %s; db-migrate migrates PostgreSQL".formatted(name, engine));
        }
        instead.ifPresent(cluster -> {
            throw new CredentialsException(
                    "%s belongs to the cluster %s, which has the master password; give that one as DATABASE_CLUSTER_IDENTIFIER in place of DATABASE_INSTANCE_IDENTIFIER"
                            .formatted(name, cluster));
        });
        managedSecret.ifPresent(secret -> {
            throw new CredentialsException(
                    "RDS manages the master password of %s itself, and lets nobody else set it; use its secret: deploy with DatabaseSecretArn=%s and without AutoCreateCredentials"
                            .formatted(name, secret));
        });
        if (STUCK.stream().anyMatch(status::startsWith)) {
            throw new CredentialsException(
                    "%s is %s, and its password cannot be changed; %s"
                            .formatted(
                                    name,
                                    status,
                                    status.startsWith("stop")
                                            ? "start it and deploy again"
                                            : "see in the RDS console why"));
        }
        host.ifPresent(this::verifyAddress);
    }

    /** The server of a region without roots in the package could not be asked for a proof. */
    private void verifyAddress(String address) {
        try {
            DatabaseUrl.parse(
                    "postgresql://%s:%d/postgres".formatted(address, port),
                    new Login(masterUser, Optional.empty()));
        } catch (InvalidDatabaseUrlException e) {
            throw new CredentialsException(
                    "this function cannot log in to %s: %s. Deploy without AutoCreateCredentials, with DatabaseSecretArn and a DatabaseUrl that says so; nothing was changed"
                            .formatted(name, String.valueOf(e.getMessage())),
                    e);
        }
    }

    /** Whether its password can be changed now. */
    boolean isReady() {
        return CHANGEABLE.contains(status) && host.isPresent() && !passwordIsPending;
    }
}
