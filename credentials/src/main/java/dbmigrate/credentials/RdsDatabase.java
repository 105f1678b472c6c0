package dbmigrate.credentials;

import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.rds.RdsClient;
import software.amazon.awssdk.services.rds.model.DBCluster;
import software.amazon.awssdk.services.rds.model.DBInstance;
import software.amazon.awssdk.services.rds.model.MasterUserSecret;

/** The one database that the function may change, through RDS's API. */
final class RdsDatabase implements AutoCloseable {
    private static final Duration FIRST_LOOK = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final DatabaseIdentifier identifier;
    private final AwsCalls calls;
    private final RdsClient rds;

    RdsDatabase(DatabaseIdentifier identifier, String region, AwsCalls calls) {
        this.identifier = identifier;
        this.calls = calls;
        this.rds =
                RdsClient.builder()
                        .region(Region.of(region))
                        .httpClient(AwsCalls.http())
                        .overrideConfiguration(AwsCalls::limits)
                        .build();
    }

    /**
     * Waits until its password can be changed.
     *
     * @throws CredentialsException where it cannot, or not in the time that there is
     */
    MasterDatabase awaitReady() {
        Duration pause = FIRST_LOOK;
        while (true) {
            MasterDatabase database = describe();
            database.verify();
            if (database.isReady()) {
                return database;
            }
            if (calls.deadline().left().compareTo(pause) <= 0) {
                throw new CredentialsException(
                        "%s was %s all the time that the function had, and its password could not be changed; deploy again when it is available"
                                .formatted(
                                        database.name(),
                                        database.passwordIsPending()
                                                ? "setting an earlier password"
                                                : database.status()));
            }
            calls.deadline().pause(pause);
            pause = longer(pause);
        }
    }

    /**
     * Its description as it is now, also where it cannot be changed; where RDS does not say its
     * address yet it is waited for.
     *
     * @throws CredentialsException where there is none
     */
    MasterDatabase located() {
        MasterDatabase database = describe();
        return database.host().isPresent() ? database : awaitReady();
    }

    /**
     * Has RDS set the password, which it does some time after it has said yes.
     *
     * @throws CredentialsException where it does not, or its state does not let it in the time that
     *     there is
     */
    void setPassword(MasterPassword password) {
        Duration pause = FIRST_LOOK;
        while (true) {
            try {
                modify(password.reveal());
                return;
            } catch (AwsCallException e) {
                boolean isState = e.is("InvalidDBClusterState") || e.is("InvalidDBInstanceState");
                if (!isState || calls.deadline().left().compareTo(pause) <= 0) {
                    throw e;
                }
            }
            // Between its description and this call something began, a back-up for example.
            calls.deadline().pause(pause);
            describe().verify();
            pause = longer(pause);
        }
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }

    private void modify(String password) {
        switch (identifier) {
            case DatabaseIdentifier.Cluster(String id) ->
                    calls.call(
                            "rds:ModifyDBCluster",
                            identifier.toString(),
                            Optional.of(password),
                            () ->
                                    rds.modifyDBCluster(change ->
                                            change.dbClusterIdentifier(id)
                                                    .masterUserPassword(password)
                                                    .applyImmediately(true)));
            case DatabaseIdentifier.Instance(String id) ->
                    calls.call(
                            "rds:ModifyDBInstance",
                            identifier.toString(),
                            Optional.of(password),
                            () ->
                                    rds.modifyDBInstance(change ->
                                            change.dbInstanceIdentifier(id)
                                                    .masterUserPassword(password)
                                                    .applyImmediately(true)));
        }
    }

    private MasterDatabase describe() {
        try {
            return switch (identifier) {
                case DatabaseIdentifier.Cluster(String id) ->
                        of(
                                calls.call(
                                                "rds:DescribeDBClusters",
                                                identifier.toString(),
                                                () ->
                                                        rds.describeDBClusters(wanted ->
                                                                wanted.dbClusterIdentifier(id)))
                                        .dbClusters()
                                        .getFirst());
                case DatabaseIdentifier.Instance(String id) ->
                        of(
                                calls.call(
                                                "rds:DescribeDBInstances",
                                                identifier.toString(),
                                                () ->
                                                        rds.describeDBInstances(wanted ->
                                                                wanted.dbInstanceIdentifier(id)))
                                        .dbInstances()
                                        .getFirst());
            };
        } catch (AwsCallException e) {
            if (e.is("DBClusterNotFound") || e.is("DBInstanceNotFound")) {
                throw new CredentialsException(
                        "RDS has no database of this name in this region: %s; check DatabaseClusterIdentifier or DatabaseInstanceIdentifier"
                                .formatted(identifier));
            }
            throw e;
        }
    }

    private MasterDatabase of(DBCluster cluster) {
        return new MasterDatabase(
                identifier.toString(),
                cluster.status(),
                cluster.engine(),
                cluster.masterUsername(),
                Optional.ofNullable(cluster.endpoint()),
                Optional.ofNullable(cluster.port()).orElse(0),
                Optional.ofNullable(cluster.databaseName()),
                Optional.ofNullable(cluster.masterUserSecret()).map(MasterUserSecret::secretArn),
                Optional.empty(),
                cluster.pendingModifiedValues() != null
                        && cluster.pendingModifiedValues().masterUserPassword() != null);
    }

    private MasterDatabase of(DBInstance instance) {
        return new MasterDatabase(
                identifier.toString(),
                instance.dbInstanceStatus(),
                instance.engine(),
                instance.masterUsername(),
                Optional.ofNullable(instance.endpoint()).map(endpoint -> endpoint.address()),
                instance.endpoint() == null ? 0 : instance.endpoint().port(),
                Optional.ofNullable(instance.dbName()),
                Optional.ofNullable(instance.masterUserSecret()).map(MasterUserSecret::secretArn),
                Optional.ofNullable(instance.dbClusterIdentifier()),
                instance.pendingModifiedValues() != null
                        && instance.pendingModifiedValues().masterUserPassword() != null);
    }

    @Override
    public void close() {
        rds.close();
    }
}
