package dbmigrate.testing;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * One database as RDS's API shows it, whose password is that of a role of a real PostgreSQL: RDS
 * sets it some time after it has said yes.
 */
public final class RdsStub {
    /** An answer in RDS's Query protocol. */
    public record Answer(int status, String xml) {
        /** A refusal, as RDS words it. */
        public static Answer error(int status, String code, String message) {
            return new Answer(
                    status,
                    "<ErrorResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>stub</RequestId></ErrorResponse>"
                            .formatted(code, message));
        }
    }

    public final String identifier;
    public final String role;
    public final CountDownLatch isSet = new CountDownLatch(1);
    public volatile String host = TestPostgres.shared().host();
    public volatile int port = TestPostgres.shared().port();
    public volatile String engine = "aurora-postgresql";
    public volatile String databaseName = "shop";
    public volatile String status = "available";
    public volatile Optional<String> managedSecret = Optional.empty();
    public volatile Optional<String> clusterOfTheInstance = Optional.empty();
    public volatile boolean exists = true;

    /** How long RDS takes to set a password; empty where it never does. */
    public volatile Optional<Duration> delay = Optional.of(Duration.ofMillis(300));

    /** What it says it is in the next descriptions. */
    public final Deque<String> statuses = new ArrayDeque<>();

    /** What it answers to the next changes in place of making them. */
    public final Deque<Answer> refusals = new ArrayDeque<>();

    /** A cluster or an instance whose master user is this role. */
    public RdsStub(String identifier, String role) {
        this.identifier = identifier;
        this.role = role;
    }

    /** The body of a request. */
    public static Map<String, String> form(String body) {
        Map<String, String> form = new HashMap<>();
        for (String pair : body.split("&")) {
            int equals = pair.indexOf('=');
            form.put(
                    pair.substring(0, equals),
                    URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return form;
    }

    /** Answers one request. */
    public synchronized Answer answer(Map<String, String> form) {
        boolean isCluster = form.containsKey("DBClusterIdentifier");
        String wanted = form.getOrDefault("DBClusterIdentifier", form.get("DBInstanceIdentifier"));
        if (!exists || !identifier.equals(wanted)) {
            return Answer.error(
                    404,
                    isCluster ? "DBClusterNotFoundFault" : "DBInstanceNotFound",
                    "%s not found".formatted(wanted));
        }
        String action = String.valueOf(form.get("Action"));
        return switch (action) {
            case "DescribeDBClusters" ->
                    of(action, "<DBClusters><DBCluster>" + cluster() + "</DBCluster></DBClusters>");
            case "DescribeDBInstances" ->
                    of(
                            action,
                            "<DBInstances><DBInstance>"
                                    + instance()
                                    + "</DBInstance></DBInstances>");
            case "ModifyDBCluster" ->
                    modify(action, form, "<DBCluster>" + cluster() + "</DBCluster>");
            case "ModifyDBInstance" ->
                    modify(action, form, "<DBInstance>" + instance() + "</DBInstance>");
            default -> throw new IllegalStateException(action);
        };
    }

    private Answer modify(String action, Map<String, String> form, String result) {
        if (!refusals.isEmpty()) {
            return refusals.pop();
        }
        String password = String.valueOf(form.get("MasterUserPassword"));
        if (!"true".equals(form.get("ApplyImmediately"))) {
            return Answer.error(400, "InvalidParameterValue", "the stub sets at once or never");
        }
        if (!password.matches("[!-~&&[^/\"@]]{8,41}")) {
            return Answer.error(
                    400,
                    "InvalidParameterValue",
                    "The parameter MasterUserPassword is not a valid password.");
        }
        delay.ifPresent(time ->
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                Thread.sleep(time);
                                setPassword(password);
                                isSet.countDown();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        }));
        return of(action, result);
    }

    /** Gives the role a password, whoever asks. */
    public void setPassword(String password) {
        TestPostgres.shared()
                .execute(
                        "postgres",
                        "alter role %s password '%s'".formatted(role, password.replace("'", "''")));
    }

    private String cluster() {
        return "<DBClusterIdentifier>%s</DBClusterIdentifier><Status>%s</Status><Engine>%s</Engine><MasterUsername>%s</MasterUsername><Endpoint>%s</Endpoint><Port>%d</Port><DatabaseName>%s</DatabaseName>%s"
                .formatted(identifier, status(), engine, role, host, port, databaseName, managed());
    }

    private String instance() {
        return "<DBInstanceIdentifier>%s</DBInstanceIdentifier><DBInstanceStatus>%s</DBInstanceStatus><Engine>%s</Engine><MasterUsername>%s</MasterUsername><Endpoint><Address>%s</Address><Port>%d</Port></Endpoint><DBName>%s</DBName>%s%s"
                .formatted(
                        identifier,
                        status(),
                        engine,
                        role,
                        host,
                        port,
                        databaseName,
                        managed(),
                        clusterOfTheInstance
                                .map("<DBClusterIdentifier>%s</DBClusterIdentifier>"::formatted)
                                .orElse(""));
    }

    private String status() {
        return statuses.isEmpty() ? status : statuses.pop();
    }

    private String managed() {
        return managedSecret
                .map(arn ->
                        "<MasterUserSecret><SecretArn>%s</SecretArn><SecretStatus>active</SecretStatus></MasterUserSecret>"
                                .formatted(arn))
                .orElse("");
    }

    private static Answer of(String action, String result) {
        return new Answer(
                200,
                "<%1$sResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><%1$sResult>%2$s</%1$sResult><ResponseMetadata><RequestId>stub</RequestId></ResponseMetadata></%1$sResponse>"
                        .formatted(action, result));
    }
}
