package dbmigrate.credentials;

import dbmigrate.testing.RdsStub;
import dbmigrate.testing.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What can go wrong with the custom resource: what AWS's documentation of it and of the calls
 * lists, and what else could be thought of.
 */
final class FailureRows {
    private static final String FAILED = "FAILED";
    private static final String SUCCESS = "SUCCESS";
    private static final String NONE = "no answer";
    private static final String NOTHING = "no secret; the old password logs in";
    private static final String DONE = "AWSCURRENT; AWSCURRENT logs in";
    private static final String WRITTEN =
            "one version is AWSCURRENT and AWSPENDING; the old password logs in";
    private static final String SET =
            "one version is AWSCURRENT and AWSPENDING; AWSCURRENT logs in";
    private static final String BOTH_CURRENT = "AWSCURRENT and AWSPENDING; AWSCURRENT logs in";
    private static final String BOTH_PENDING = "AWSCURRENT and AWSPENDING; AWSPENDING logs in";

    /** Enough for every step on a busy machine, and short, where something fails for good. */
    private static final Duration SHORT = Duration.ofSeconds(12);

    private final List<FailureRow> rows = new ArrayList<>();

    private FailureRows() {
        events();
        settings();
        databases();
        calls();
        logins();
        secrets();
        answers();
        time();
        updates();
        returns();
        deletes();
        repeats();
        deaths();
    }

    static List<FailureRow> all() {
        return List.copyOf(new FailureRows().rows);
    }

    private void row(String what, String status, String said, String left, FailureRow.Steps steps) {
        rows.add(new FailureRow(what, steps, status, said, left));
    }

    /** A Create of a new stack, in whose way something is put before. */
    private void create(
            String what, String status, String said, String left, Consumer<Scenario> before) {
        row(
                what,
                status,
                said,
                left,
                (stack, _) -> {
                    before.accept(stack);
                    return stack.create();
                });
    }

    /** An Update with another RotationId after a Create that succeeded. */
    private void update(
            String what, String status, String said, String left, Consumer<Scenario> before) {
        row(
                what,
                status,
                said,
                left,
                (stack, _) -> {
                    created(stack);
                    before.accept(stack);
                    return stack.update("2");
                });
    }

    private static void created(Scenario stack) {
        Scenario.Heard heard = stack.create();
        if (!heard.status().equals(SUCCESS)) {
            throw new AssertionError(heard.reason());
        }
    }

    private void events() {
        row(
                "the event is no JSON",
                NONE,
                "the event is no JSON",
                NOTHING,
                (stack, _) -> stack.sendText("{\"RequestType\": \"Create\""));
        create(
                "the event has no ResponseURL",
                NONE,
                "has no ResponseURL",
                NOTHING,
                stack -> stack.event.remove("ResponseURL"));
        url("the ResponseURL is no URL", "https://[");
        url(
                "the ResponseURL is http",
                "http://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com/a?b");
        url("the ResponseURL is on a host of somebody else", "https://example.com/a?b");
        url(
                "the ResponseURL is on a bucket whose name only begins like CloudFormation's",
                "https://cloudformation-custom-resource-response-euwest1-x.s3.eu-west-1.amazonaws.com/a?b");
        url(
                "the ResponseURL is on CloudFormation's bucket of another region",
                "https://cloudformation-custom-resource-response-useast1.s3.us-east-1.amazonaws.com/a?b");
        url(
                "CloudFormation's host is but the user in the ResponseURL",
                "https://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com@example.com/a?b");
        row(
                "the RequestType is unknown",
                FAILED,
                "neither Create nor Update nor Delete; nothing was done",
                NOTHING,
                (stack, _) -> stack.send("Replace"));
        create(
                "the event has no StackId",
                FAILED,
                "its StackId is missing or too long",
                NOTHING,
                stack -> stack.event.remove("StackId"));
        create(
                "the event is another stack's",
                FAILED,
                "this function works for",
                NOTHING,
                stack -> stack.event.put("StackId", Scenario.idOf("another")));
        update(
                "the event is another stack's (Update with another RotationId)",
                FAILED,
                "this function works for",
                DONE,
                stack -> stack.event.put("StackId", Scenario.idOf("another")));
        create(
                "RotationId is no text",
                FAILED,
                "RotationId is no text",
                NOTHING,
                stack -> stack.properties.put("RotationId", 2));
        create(
                "DeleteSecret is neither true nor false",
                FAILED,
                "DeleteSecret is neither true nor false",
                NOTHING,
                stack -> stack.properties.put("DeleteSecret", "yes"));
    }

    private void url(String what, String url) {
        create(
                what,
                NONE,
                "CloudFormation did not send it, and nothing was done"
                        .substring(url.endsWith("[") ? 36 : 0),
                NOTHING,
                stack -> {
                    stack.variables.remove("CREDENTIALS_RESPONSE_HOSTS");
                    stack.event.put("ResponseURL", url);
                });
    }

    private void settings() {
        create(
                "variables of the function are missing",
                FAILED,
                "DATABASE_CLUSTER_IDENTIFIER or DATABASE_INSTANCE_IDENTIFIER is missing; SECRET_NAME is missing",
                NOTHING,
                stack -> {
                    stack.variables.remove("DATABASE_CLUSTER_IDENTIFIER");
                    stack.variables.remove("SECRET_NAME");
                });
        create(
                "cluster and instance are both named",
                FAILED,
                "name two databases; give one",
                NOTHING,
                stack -> stack.variables.put("DATABASE_INSTANCE_IDENTIFIER", "i"));
        error("a class of the function cannot be initialised", ExceptionInInitializerError::new);
        error("the function has no memory left", OutOfMemoryError::new);
        error("the function's stack overflows", StackOverflowError::new);
    }

    private void error(String what, Supplier<Error> error) {
        row(
                what,
                FAILED,
                "a fault of db-migrate or of its surroundings, " + error.get().getClass().getName(),
                NOTHING,
                (stack, _) -> {
                    Map<String, String> right = new HashMap<>(stack.variables);
                    return stack.sendWith(
                            new AbstractMap<>() {
                                @Override
                                public Set<Entry<String, String>> entrySet() {
                                    throw error.get();
                                }

                                @Override
                                public String getOrDefault(Object key, String other) {
                                    return right.getOrDefault(key, other);
                                }
                            });
                });
    }

    private void databases() {
        create(
                "there is no such cluster",
                FAILED,
                "RDS has no database of this name in this region",
                NOTHING,
                stack -> stack.database.exists = false);
        create(
                "there is no such instance",
                FAILED,
                "RDS has no database of this name in this region",
                NOTHING,
                stack -> {
                    instance(stack);
                    stack.database.exists = false;
                });
        create(
                "the instance belongs to a cluster",
                FAILED,
                "belongs to the cluster c1, which has the master password",
                NOTHING,
                stack -> {
                    instance(stack);
                    stack.database.clusterOfTheInstance = Optional.of("c1");
                });
        create(
                "the database is no PostgreSQL",
                FAILED,
                "is of engine aurora-mysql; db-migrate migrates PostgreSQL",
                NOTHING,
                stack -> stack.database.engine = "aurora-mysql");
        create(
                "RDS manages the password itself",
                FAILED,
                "lets nobody else set it; use its secret: deploy with DatabaseSecretArn=arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!c-AbCdEf",
                NOTHING,
                stack ->
                        stack.database.managedSecret =
                                Optional.of(
                                        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!c-AbCdEf"));
        create(
                "the cluster is stopped",
                FAILED,
                "is stopped, and its password cannot be changed; start it and deploy again",
                NOTHING,
                stack -> stack.database.status = "stopped");
        create(
                "the cluster lost its KMS key",
                FAILED,
                "is inaccessible-encryption-credentials",
                NOTHING,
                stack -> stack.database.status = "inaccessible-encryption-credentials");
        create(
                "the package has no roots of the region",
                FAILED,
                "the package has no roots of RDS in that region",
                NOTHING,
                stack -> stack.database.host = "c.cluster-a.il-central-1.rds.amazonaws.com");
        create(
                "the cluster is still being made, and then available",
                SUCCESS,
                "",
                DONE,
                stack -> stack.database.statuses.addAll(List.of("creating", "modifying")));
        create(
                "the cluster is being changed all the time",
                FAILED,
                "was upgrading all the time that the function had",
                NOTHING,
                stack -> {
                    stack.time = SHORT;
                    stack.database.status = "upgrading";
                });
        create(
                "a back-up begins between description and change",
                SUCCESS,
                "",
                DONE,
                stack -> stack.database.refusals.add(state()));
        create(
                "RDS calls the state invalid all the time",
                FAILED,
                "rds:ModifyDBCluster",
                WRITTEN,
                stack -> {
                    stack.time = SHORT;
                    for (int i = 0; i < 100; i++) {
                        stack.database.refusals.add(state());
                    }
                });
        create(
                "RDS does not take the password",
                FAILED,
                "(InvalidParameterValue: **** is not a valid password)",
                WRITTEN,
                stack ->
                        stack.wire.refuse(
                                "rds:ModifyDBCluster",
                                400,
                                "InvalidParameterValue",
                                "**** is not a valid password",
                                100));
    }

    private static void instance(Scenario stack) {
        stack.variables.remove("DATABASE_CLUSTER_IDENTIFIER");
        stack.variables.put("DATABASE_INSTANCE_IDENTIFIER", stack.database.identifier);
        stack.database.engine = "postgres";
    }

    private static RdsStub.Answer state() {
        return RdsStub.Answer.error(
                400, "InvalidDBClusterStateFault", "Cluster is not in available state");
    }

    private void calls() {
        forbidden("rds:DescribeDBClusters", NOTHING);
        forbidden("rds:ModifyDBCluster", WRITTEN);
        forbidden("secretsmanager:DescribeSecret", NOTHING);
        forbidden("secretsmanager:CreateSecret", NOTHING);
        forbidden("secretsmanager:GetRandomPassword", "no value; the old password logs in");
        forbidden("secretsmanager:PutSecretValue", "no value; the old password logs in");
        forbidden("secretsmanager:ListSecretVersionIds", SET);
        forbidden("secretsmanager:UpdateSecretVersionStage", SET);
        row(
                "no permission for secretsmanager:GetSecretValue (Update)",
                FAILED,
                "let the function's role do secretsmanager:GetSecretValue",
                DONE,
                (stack, _) -> {
                    created(stack);
                    stack.time = SHORT;
                    stack.wire.forbid("secretsmanager:GetSecretValue");
                    return stack.update("2");
                });
        row(
                "no permission for secretsmanager:RestoreSecret",
                FAILED,
                "let the function's role do secretsmanager:RestoreSecret",
                "marked for deletion; AWSCURRENT logs in",
                (stack, _) -> {
                    created(stack);
                    stack.markForDeletion();
                    stack.time = SHORT;
                    stack.wire.forbid("secretsmanager:RestoreSecret");
                    return stack.create();
                });
        create(
                "the policy of the function's new role does not hold yet",
                SUCCESS,
                "",
                DONE,
                stack ->
                        stack.wire.refuse(
                                "rds:DescribeDBClusters", 403, "AccessDenied", "not yet", 3));
        create(
                "RDS throttles, and then no longer",
                SUCCESS,
                "",
                DONE,
                stack -> stack.wire.refuse("rds:ModifyDBCluster", 400, "Throttling", "Rate", 5));
        create(
                "Secrets Manager throttles all the time",
                FAILED,
                "secretsmanager:GetRandomPassword on * failed (ThrottlingException",
                "no value; the old password logs in",
                stack -> {
                    stack.time = SHORT;
                    stack.wire.refuse(
                            "secretsmanager:GetRandomPassword",
                            400,
                            "ThrottlingException",
                            "Rate",
                            Integer.MAX_VALUE);
                });
        create(
                "RDS has a fault, and then none",
                SUCCESS,
                "",
                DONE,
                stack -> stack.wire.refuse("rds:ModifyDBCluster", 500, "InternalFailure", "", 5));
        create(
                "the account has as many secrets as it may",
                FAILED,
                "secretsmanager:CreateSecret",
                NOTHING,
                stack ->
                        stack.wire.refuse(
                                "secretsmanager:CreateSecret",
                                400,
                                "LimitExceededException",
                                "the limit",
                                Integer.MAX_VALUE));
        create(
                "the secret's KMS key does not encrypt",
                FAILED,
                "check that the secret's KMS key is enabled",
                "no value; the old password logs in",
                stack ->
                        stack.wire.refuse(
                                "secretsmanager:PutSecretValue",
                                400,
                                "EncryptionFailure",
                                "key",
                                Integer.MAX_VALUE));
        update(
                "the secret's KMS key is disabled (Update)",
                FAILED,
                "check that the secret's KMS key is enabled",
                DONE,
                stack ->
                        stack.wire.refuse(
                                "secretsmanager:GetSecretValue",
                                400,
                                "DecryptionFailure",
                                "key",
                                Integer.MAX_VALUE));
        create(
                "a service says more than an answer holds",
                FAILED,
                "rds:DescribeDBClusters",
                NOTHING,
                stack ->
                        stack.wire.refuse(
                                "rds:DescribeDBClusters", 400, "Long", "ä&#9;".repeat(5000), 100));
        create(
                "a password comes that was not asked for",
                FAILED,
                "not as it was asked for",
                "no value; the old password logs in",
                stack ->
                        stack.wire.replace(
                                "secretsmanager:GetRandomPassword",
                                "{\"RandomPassword\":\"short\"}"));
    }

    private void forbidden(String action, String left) {
        create(
                "no permission for " + action,
                FAILED,
                "let the function's role do " + action,
                left,
                stack -> {
                    stack.time = SHORT;
                    stack.wire.forbid(action);
                });
    }

    private void logins() {
        create(
                "RDS says yes and never sets the password",
                FAILED,
                "RDS took the new password, but",
                WRITTEN,
                stack -> {
                    stack.time = SHORT;
                    stack.database.delay = Optional.empty();
                });
        row(
                "RDS sets the password after the function's time is over; the next deployment finishes",
                SUCCESS,
                "",
                SET + " → " + DONE,
                (stack, left) -> {
                    stack.time = SHORT;
                    stack.database.delay = Optional.of(Duration.ofSeconds(16));
                    stack.create();
                    stack.database.isSet.await();
                    left.add(stack.left());
                    stack.time = Duration.ofSeconds(40);
                    return stack.create();
                });
        create(
                "RDS takes some seconds to set the password",
                SUCCESS,
                "",
                DONE,
                stack -> stack.database.delay = Optional.of(Duration.ofSeconds(3)));
        create(
                "no network from the function to the database",
                FAILED,
                "the database's password was not changed. The server cannot be reached",
                WRITTEN,
                stack -> {
                    stack.time = SHORT;
                    stack.database.port = closedPort();
                });
        create(
                "the database's name cannot be resolved",
                FAILED,
                "the database's password was not changed. The server's name cannot be resolved",
                WRITTEN,
                stack -> {
                    stack.time = SHORT;
                    stack.database.host = "database.invalid";
                });
        update(
                "no network from the function to the database (Update)",
                FAILED,
                "the database's password was not changed. The server cannot be reached",
                DONE,
                stack -> {
                    stack.time = SHORT;
                    stack.database.port = closedPort();
                });
        create(
                "the master user may not log in",
                FAILED,
                "RDS was told to set the new one, which stays in the secret as AWSPENDING. The server refuses user or password",
                "one version is AWSCURRENT and AWSPENDING; none of them logs in",
                stack -> {
                    stack.time = SHORT;
                    TestPostgres.shared()
                            .execute(
                                    "postgres",
                                    "alter role %s nologin".formatted(stack.database.role));
                });
    }

    private static int closedPort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void secrets() {
        create(
                "the secret exists with the database's password",
                SUCCESS,
                "",
                DONE,
                stack ->
                        stack.secretOfAnother(
                                stack.text(stack.database.role, Scenario.OLD_PASSWORD)));
        create(
                "the secret exists with the database's password, and an AWSPENDING that the database does not have",
                SUCCESS,
                "",
                DONE,
                stack -> {
                    stack.secretOfAnother(stack.text(stack.database.role, Scenario.OLD_PASSWORD));
                    stack.pend(stack.text(stack.database.role, "half-way"));
                });
        create(
                "the secret exists with another password",
                SUCCESS,
                "",
                DONE,
                stack -> stack.secretOfAnother(stack.text(stack.database.role, "another-one")));
        create(
                "the secret exists with another user",
                FAILED,
                "holds the credentials of user somebody",
                "AWSCURRENT; the old password logs in",
                stack -> stack.secretOfAnother(stack.text("somebody", "another-one")));
        create(
                "the secret exists with another user, and is marked for deletion",
                FAILED,
                "which was marked for deletion and is restored, holds the credentials of user somebody",
                "AWSCURRENT; the old password logs in",
                stack -> {
                    stack.secretOfAnother(stack.text("somebody", "another-one"));
                    stack.markForDeletion();
                });
        create(
                "the secret exists and holds something else",
                FAILED,
                "holds something else than a database's credentials",
                "AWSCURRENT; the old password logs in",
                stack -> stack.secretOfAnother("an API key"));
        row(
                "the secret is marked for deletion (Create)",
                SUCCESS,
                "",
                DONE,
                (stack, _) -> {
                    created(stack);
                    stack.markForDeletion();
                    stack.beIn("another");
                    return stack.create();
                });
        update(
                "the secret is marked for deletion (Update)",
                SUCCESS,
                "",
                DONE,
                Scenario::markForDeletion);
        update(
                "the secret is marked for deletion, and the cluster is stopped (Update)",
                FAILED,
                "is stopped, and its password cannot be changed",
                "marked for deletion; AWSCURRENT logs in",
                stack -> {
                    stack.markForDeletion();
                    stack.database.status = "stopped";
                });
        update("somebody deleted the secret (Update)", SUCCESS, "", DONE, Scenario::deleteForGood);
        update(
                "somebody changed the database's password by hand (Update)",
                SUCCESS,
                "",
                DONE,
                stack -> stack.database.setPassword("by-hand"));
        row(
                "somebody changed the database's password by hand (Update with the same RotationId)",
                SUCCESS,
                "",
                "AWSCURRENT; none of them logs in",
                (stack, _) -> {
                    created(stack);
                    stack.database.setPassword("by-hand");
                    return stack.update("1");
                });
        update(
                "somebody stored another user's credentials (Update)",
                SUCCESS,
                "",
                DONE,
                stack -> stack.store(stack.text("somebody", "another-one")));
        update(
                "an AWSPENDING is left that the database has (Update)",
                SUCCESS,
                "",
                DONE,
                stack -> {
                    stack.pend(stack.text(stack.database.role, "half-way"));
                    stack.database.setPassword("half-way");
                });
        update(
                "an AWSPENDING is left that the database does not have (Update)",
                SUCCESS,
                "",
                DONE,
                stack -> stack.pend(stack.text(stack.database.role, "half-way")));
        update(
                "somebody changed the password by hand, and an AWSPENDING has no value (Update)",
                SUCCESS,
                "",
                DONE,
                stack -> {
                    stack.pendNothing();
                    stack.database.setPassword("by-hand");
                });
        update(
                "somebody changed the password by hand, and an AWSPENDING holds something else (Update)",
                SUCCESS,
                "",
                DONE,
                stack -> {
                    stack.pend("an API key");
                    stack.database.setPassword("by-hand");
                });
    }

    private void answers() {
        create(
                "S3 has a fault, and then none",
                SUCCESS,
                "",
                DONE,
                stack -> stack.bucket.statuses.addAll(List.of(503, 500, ResponseBucket.LOOK)));
        create(
                "S3 refuses the answer (403: the URL has expired)",
                NONE,
                "S3 refuses the answer for CloudFormation with status 403",
                DONE,
                stack -> stack.bucket.statuses.add(403));
        create(
                "S3 has a fault all the time",
                NONE,
                "does not take the answer for CloudFormation (status 500)",
                DONE,
                stack -> {
                    stack.time = SHORT;
                    stack.bucket.statuses.add(500);
                });
        create(
                "S3 answers slowly",
                SUCCESS,
                "",
                DONE,
                stack -> stack.bucket.delay = Duration.ofSeconds(3));
        row(
                "S3 cannot be reached; Lambda repeats the event",
                SUCCESS,
                "",
                DONE + " → " + DONE,
                (stack, left) -> {
                    stack.time = SHORT;
                    Object url = stack.event.get("ResponseURL");
                    String host = "127.0.0.1:" + closedPort();
                    stack.variables.put(
                            "CREDENTIALS_RESPONSE_HOSTS", stack.bucket.host() + "," + host);
                    stack.event.put("ResponseURL", "http://" + host + "/a?b");
                    Scenario.Heard first = stack.create();
                    if (first.thrown().isEmpty()) {
                        throw new AssertionError(first.status());
                    }
                    left.add(stack.left());
                    stack.event.put("ResponseURL", url);
                    return stack.create();
                });
    }

    private void time() {
        create(
                "the function has next to no time",
                FAILED,
                "time",
                NOTHING,
                stack -> {
                    stack.time = Duration.ofSeconds(6);
                    stack.wire.slow(Duration.ofSeconds(8));
                });
        create(
                "a service does not answer before the function's time is over",
                FAILED,
                "the function's time was over before it was done",
                NOTHING,
                stack -> {
                    stack.time = SHORT;
                    stack.wire.slow(Duration.ofSeconds(15));
                });
    }

    private void updates() {
        row(
                "the roll-back of an Update that succeeded: the new password stays",
                SUCCESS,
                "",
                DONE + " → " + DONE,
                (stack, left) -> {
                    created(stack);
                    stack.update("2");
                    left.add(stack.left());
                    return stack.update("1");
                });
        row(
                "the roll-back of an Update that could not set the password",
                SUCCESS,
                "",
                BOTH_CURRENT + " → " + BOTH_CURRENT,
                (stack, left) -> {
                    created(stack);
                    stack.time = SHORT;
                    stack.wire.forbid("rds:ModifyDBCluster");
                    stack.update("2");
                    left.add(stack.left());
                    return stack.update("1");
                });
        row(
                "the roll-back of an Update whose password RDS has set since",
                SUCCESS,
                "",
                BOTH_PENDING + " → " + DONE,
                (stack, left) -> {
                    created(stack);
                    stack.time = SHORT;
                    stack.wire.forbid("secretsmanager:UpdateSecretVersionStage");
                    stack.update("2");
                    left.add(stack.left());
                    stack.wire.mend();
                    stack.time = Duration.ofSeconds(40);
                    return stack.update("1");
                });
        row(
                "the roll-back of an Update that was killed before it took AWSPENDING away",
                SUCCESS,
                "",
                SET + " → " + DONE,
                (stack, left) -> {
                    created(stack);
                    stack.properties.put("RotationId", "2");
                    killed(stack, "Update", "secretsmanager:UpdateSecretVersionStage", 1);
                    left.add(stack.left());
                    return stack.update("1");
                });
        row(
                "a RotationId whose Update failed, after another one was tried: it counts as used",
                SUCCESS,
                "",
                BOTH_CURRENT + " → " + BOTH_CURRENT,
                (stack, left) -> {
                    created(stack);
                    String password = stack.password("AWSCURRENT").orElseThrow();
                    stack.time = SHORT;
                    stack.wire.forbid("rds:ModifyDBCluster");
                    stack.update("2");
                    stack.update("3");
                    left.add(stack.left());
                    stack.wire.mend();
                    return stack.unlessChanged(password, stack.update("2"));
                });
        update(
                "the cluster is gone (Update)",
                FAILED,
                "RDS has no database of this name in this region",
                DONE,
                stack -> stack.database.exists = false);
        row(
                "the roll-back while the database cannot be reached",
                SUCCESS,
                "",
                BOTH_PENDING + " → " + BOTH_PENDING,
                (stack, left) -> {
                    try (Relay relay = new Relay(stack.database.port)) {
                        stack.database.port = relay.port();
                        created(stack);
                        stack.time = SHORT;
                        stack.wire.forbid("secretsmanager:UpdateSecretVersionStage");
                        stack.update("2");
                    }
                    left.add(stack.left());
                    stack.wire.mend();
                    return stack.update("1");
                });
        row(
                "the roll-back while the cluster is stopped",
                SUCCESS,
                "",
                DONE,
                (stack, _) -> {
                    created(stack);
                    stack.database.status = "stopped";
                    stack.update("2");
                    return stack.update("1");
                });
    }

    private void returns() {
        row(
                "the roll-back to another cluster, which has its former password",
                SUCCESS,
                "",
                DONE + " → AWSCURRENT; none of them logs in → " + DONE,
                (stack, left) -> {
                    String host = movedAndBack(stack, left);
                    Scenario.Heard heard = stack.update("1 of a");
                    return stack.unlessElsewhere(host, heard);
                });
        row(
                "the roll-back to another cluster is killed after rds:ModifyDBCluster, and repeated",
                SUCCESS,
                "",
                DONE + " → AWSCURRENT; none of them logs in → " + BOTH_PENDING + " → " + DONE,
                (stack, left) -> {
                    String host = movedAndBack(stack, left);
                    stack.properties.put("RotationId", "1 of a");
                    killed(stack, "Update", "rds:ModifyDBCluster", 1);
                    left.add(stack.left());
                    String password = stack.password("AWSPENDING").orElseThrow();
                    Scenario.Heard heard = stack.send("Update");
                    return stack.unlessChanged(password, stack.unlessElsewhere(host, heard));
                });
        row(
                "the roll-back to another cluster fails, as does another RotationId; the next roll-back is killed after rds:ModifyDBCluster, and repeated",
                SUCCESS,
                "",
                DONE + " → AWSCURRENT; none of them logs in → " + BOTH_PENDING + " → " + DONE,
                (stack, left) -> {
                    movedAndBack(stack, left);
                    stack.time = SHORT;
                    stack.wire.forbid("rds:ModifyDBCluster");
                    stack.update("1 of a");
                    stack.update("2 of a");
                    stack.wire.mend();
                    stack.properties.put("RotationId", "1 of a");
                    killed(stack, "Update", "rds:ModifyDBCluster", 1);
                    left.add(stack.left());
                    return stack.send("Update");
                });
        row(
                "the roll-back where an AWSPENDING has no value",
                SUCCESS,
                "",
                DONE,
                (stack, _) -> {
                    created(stack);
                    stack.update("2");
                    stack.pendNothing();
                    return stack.update("1");
                });
        row(
                "the roll-back where an AWSPENDING holds something else",
                SUCCESS,
                "",
                BOTH_CURRENT,
                (stack, _) -> {
                    created(stack);
                    stack.update("2");
                    stack.pend("an API key");
                    return stack.update("1");
                });
    }

    /**
     * From the cluster a to b and back. One server stands for both, by two names: it has a's
     * password again, as a still has it.
     *
     * @return the host of a
     */
    private static String movedAndBack(Scenario stack, List<String> left) {
        String host = stack.database.host;
        stack.properties.put("RotationId", "1 of a");
        created(stack);
        String password = stack.password("AWSCURRENT").orElseThrow();
        stack.database.host = "localhost";
        stack.update("1 of b");
        left.add(stack.left());
        stack.database.host = host;
        stack.database.setPassword(password);
        left.add(stack.left());
        return host;
    }

    private void deletes() {
        row(
                "Delete",
                SUCCESS,
                "stays: DeleteSecret is not true",
                DONE,
                (stack, _) -> {
                    created(stack);
                    return stack.delete();
                });
        deleteSecret("Delete with DeleteSecret", "can be restored for 30 days", true, _ -> {});
        deleteSecret("Delete twice", "there is no secret to delete", true, Scenario::delete);
        row(
                "Delete of what was never created",
                SUCCESS,
                "there is no secret to delete",
                NOTHING,
                (stack, _) -> {
                    stack.properties.put("DeleteSecret", "true");
                    return stack.delete();
                });
        row(
                "no permission for secretsmanager:DeleteSecret",
                SUCCESS,
                "the secret stays: secretsmanager:DeleteSecret",
                DONE,
                (stack, _) -> {
                    created(stack);
                    stack.time = SHORT;
                    stack.properties.put("DeleteSecret", "true");
                    stack.wire.forbid("secretsmanager:DeleteSecret");
                    return stack.delete();
                });
        row(
                "Delete with DeleteSecret after a Create that refused somebody's secret",
                SUCCESS,
                "another one than this resource made it",
                "AWSCURRENT; the old password logs in",
                (stack, _) -> {
                    stack.secretOfAnother("an API key");
                    stack.create();
                    stack.properties.put("DeleteSecret", "true");
                    return stack.delete();
                });
        row(
                "Delete with DeleteSecret, of another stack",
                SUCCESS,
                "this function works for",
                DONE,
                (stack, _) -> {
                    created(stack);
                    stack.properties.put("DeleteSecret", "true");
                    stack.event.put("StackId", Scenario.idOf("another"));
                    return stack.delete();
                });
        row(
                "Delete while the function's variables are missing",
                SUCCESS,
                "SECRET_NAME is missing",
                NOTHING,
                (stack, _) -> {
                    stack.properties.put("DeleteSecret", "true");
                    stack.variables.remove("SECRET_NAME");
                    return stack.delete();
                });
        row(
                "Delete, and Secrets Manager does not answer",
                SUCCESS,
                "the secret stays: the function's time was over",
                DONE,
                (stack, _) -> {
                    created(stack);
                    stack.time = SHORT;
                    stack.properties.put("DeleteSecret", "true");
                    stack.wire.slow(Duration.ofSeconds(15));
                    return stack.delete();
                });
    }

    private void deleteSecret(
            String what, String said, boolean isMarked, Consumer<Scenario> before) {
        row(
                what,
                SUCCESS,
                said,
                isMarked ? "marked for deletion; AWSCURRENT logs in" : DONE,
                (stack, _) -> {
                    created(stack);
                    stack.properties.put("DeleteSecret", "true");
                    before.accept(stack);
                    return stack.delete();
                });
    }

    private void repeats() {
        row(
                "the same Create comes twice",
                SUCCESS,
                "",
                DONE,
                (stack, _) -> {
                    created(stack);
                    String password = stack.password("AWSCURRENT").orElseThrow();
                    Scenario.Heard heard = stack.create();
                    return stack.unlessChanged(password, heard);
                });
        row(
                "the same Update comes twice",
                SUCCESS,
                "",
                DONE,
                (stack, _) -> {
                    created(stack);
                    stack.update("2");
                    String password = stack.password("AWSCURRENT").orElseThrow();
                    return stack.unlessChanged(password, stack.send("Update"));
                });
        row(
                "the same Create comes twice at once",
                SUCCESS,
                "",
                DONE,
                (stack, _) -> {
                    stack.properties.put("RotationId", "1");
                    CompletableFuture<Scenario.Heard> other =
                            CompletableFuture.supplyAsync(
                                    stack::create, Thread::startVirtualThread);
                    Scenario.Heard one = stack.create();
                    return one.status().equals(SUCCESS) ? other.join() : one;
                });
        row(
                "a Create after one that failed, with the next stack's id",
                SUCCESS,
                "",
                WRITTEN + " → " + DONE,
                (stack, left) -> {
                    stack.time = SHORT;
                    stack.wire.forbid("rds:ModifyDBCluster");
                    stack.create();
                    left.add(stack.left());
                    stack.wire.mend();
                    stack.time = Duration.ofSeconds(40);
                    stack.beIn("another");
                    return stack.create();
                });
    }

    private void deaths() {
        death("secretsmanager:CreateSecret", 1, "no value; the old password logs in");
        death("secretsmanager:PutSecretValue", 1, WRITTEN);
        death("rds:ModifyDBCluster", 1, SET);
        death("secretsmanager:UpdateSecretVersionStage", 1, DONE);
        deathOfAnUpdate("secretsmanager:PutSecretValue", 1, BOTH_CURRENT);
        deathOfAnUpdate("rds:ModifyDBCluster", 1, BOTH_PENDING);
        row(
                "an Update is killed after rds:ModifyDBCluster, a rotation takes AWSPENDING, and it is repeated",
                SUCCESS,
                "",
                "AWSCURRENT and AWSPENDING; none of them logs in → " + BOTH_CURRENT,
                (stack, left) -> {
                    created(stack);
                    stack.properties.put("RotationId", "2");
                    killed(stack, "Update", "rds:ModifyDBCluster", 1);
                    stack.pend(stack.text(stack.database.role, "of-the-rotation"));
                    left.add(stack.left());
                    return stack.send("Update");
                });
        deathOfAnUpdate("secretsmanager:UpdateSecretVersionStage", 1, SET);
        deathOfAnUpdate("secretsmanager:UpdateSecretVersionStage", 2, DONE);
    }

    private void death(String action, int nth, String left) {
        row(
                "killed after %s, and repeated".formatted(action),
                SUCCESS,
                "",
                left + " → " + DONE,
                (stack, notes) -> {
                    killed(stack, "Create", action, nth);
                    notes.add(stack.left());
                    return stack.create();
                });
    }

    private void deathOfAnUpdate(String action, int nth, String left) {
        row(
                "an Update is killed after %s%s, and repeated"
                        .formatted(action, nth == 2 ? " of AWSPENDING" : ""),
                SUCCESS,
                "",
                left + " → " + DONE,
                (stack, notes) -> {
                    created(stack);
                    stack.properties.put("RotationId", "2");
                    killed(stack, "Update", action, nth);
                    notes.add(stack.left());
                    return stack.send("Update");
                });
    }

    /** Nothing of the function reaches anybody after this call. */
    static void killed(Scenario stack, String type, String action, int nth) throws Exception {
        stack.wire.cutAfter(action, nth);
        stack.time = SHORT;
        Scenario.Heard heard = stack.send(type);
        if (heard.thrown().isEmpty()) {
            throw new AssertionError("it was not killed: " + heard.status() + heard.reason());
        }
        if (action.equals("rds:ModifyDBCluster")) {
            stack.database.isSet.await();
        }
        stack.wire.mend();
        stack.time = Duration.ofSeconds(40);
    }
}
