package dbmigrate.credentials;

import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.testing.MotoRotation;
import dbmigrate.testing.RdsStub;
import dbmigrate.testing.TestPostgres;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretResponse;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/**
 * One stack with one database: what CloudFormation sends, what it hears, and what is left behind.
 */
final class Scenario implements AutoCloseable {
    static final String OLD_PASSWORD = "before-any-rotation";
    private static final AtomicInteger COUNT = new AtomicInteger(100);
    private static final TestPostgres POSTGRES = TestPostgres.shared();

    final Wire wire = new Wire();
    final RdsStub database;
    final ResponseBucket bucket;
    final Map<String, String> variables = new HashMap<>();
    final Map<String, Object> event = new LinkedHashMap<>();
    final Map<String, Object> properties = new LinkedHashMap<>();
    final String secretName;
    private final SecretsManagerClient moto;

    /** What Lambda gives a request. */
    volatile Duration time = Duration.ofSeconds(40);

    Scenario(AwsFront aws, SecretsManagerClient moto) throws IOException {
        this.moto = moto;
        String role = POSTGRES.newName("master");
        String region = "eu-west-" + COUNT.incrementAndGet();
        POSTGRES.execute(
                "postgres", "create role %s login password '%s'".formatted(role, OLD_PASSWORD));
        database = new RdsStub("cluster-" + role, role);
        bucket = new ResponseBucket(wire);
        aws.add(region, new AwsFront.Side(wire, database));
        secretName = "stack-%s/DatabaseCredentials".formatted(role);
        variables.put("DATABASE_CLUSTER_IDENTIFIER", database.identifier);
        variables.put("SECRET_NAME", secretName);
        variables.put("AWS_REGION", region);
        variables.put("CREDENTIALS_RESPONSE_HOSTS", bucket.host());
        event.put("ServiceToken", "arn:aws:lambda:eu-west-1:123456789012:function:f");
        event.put("ResponseURL", bucket.url());
        beIn("stack-" + role);
        event.put("RequestId", UUID.randomUUID().toString());
        event.put("LogicalResourceId", "DatabaseCredentials");
        event.put("ResourceType", "Custom::DatabaseCredentials");
        properties.put("ServiceToken", "arn:aws:lambda:eu-west-1:123456789012:function:f");
        properties.put("RotationId", "1");
        properties.put("DeleteSecret", "false");
    }

    /**
     * What CloudFormation heard.
     *
     * @param body empty where nobody answered
     * @param thrown what Lambda was told
     */
    record Heard(Optional<JsonObject> body, Optional<Throwable> thrown) {
        String status() {
            return body.flatMap(answer -> answer.string("Status")).orElse("no answer");
        }

        String reason() {
            return body.map(answer -> answer.string("Reason").orElse(""))
                    .orElseGet(() -> thrown.map(e -> String.valueOf(e.getMessage())).orElse(""));
        }

        String attribute(String name) {
            return body.map(answer -> answer.object("Data"))
                    .flatMap(data -> data.string(name))
                    .orElse("");
        }
    }

    /** A stack of this name with an id of its own sends the events from now on, to its function. */
    void beIn(String stack) {
        String id = idOf(stack);
        variables.put("STACK_ID", id);
        event.put("StackId", id);
    }

    /** The id that CloudFormation may give a stack of this name. */
    static String idOf(String stack) {
        return "arn:aws:cloudformation:eu-west-1:123456789012:stack/%s/%s"
                .formatted(stack, UUID.randomUUID());
    }

    Heard create() {
        return send("Create");
    }

    /** An Update as another deployment sends it: with another RequestId. */
    Heard update(String rotationId) {
        properties.put("RotationId", rotationId);
        event.put("RequestId", UUID.randomUUID().toString());
        return send("Update");
    }

    Heard delete() {
        return send("Delete");
    }

    /** Sends the event of this type. */
    Heard send(String type) {
        event.put("RequestType", type);
        event.put("ResourceProperties", properties);
        return sendText(Json.write(json -> write(json, event)));
    }

    /** Sends any text, and hears the answer to it. */
    Heard sendText(String text) {
        return send(text, variables);
    }

    /** The Create of a function with other variables. */
    Heard sendWith(Map<String, String> others) {
        event.put("RequestType", "Create");
        event.put("ResourceProperties", properties);
        return send(Json.write(json -> write(json, event)), others);
    }

    /** What was heard, where the current password is still this one. */
    Heard unlessChanged(String password, Heard heard) {
        if (!password(SecretVersions.CURRENT).equals(Optional.of(password))) {
            throw new AssertionError("the password was changed");
        }
        return heard;
    }

    /** What was heard, where secret and answer are of this host's database. */
    Heard unlessElsewhere(String host, Heard heard) {
        String secret = content(SecretVersions.CURRENT).orElseThrow();
        String url = heard.attribute("DatabaseUrl");
        if (!secret.contains("\"host\":\"%s\"".formatted(host))
                || !url.startsWith("postgresql://%s:".formatted(host))) {
            throw new AssertionError("it is another database's: " + url);
        }
        return heard;
    }

    private Heard send(String text, Map<String, String> ofTheFunction) {
        int before = bucket.taken().size();
        Optional<Throwable> thrown = Optional.empty();
        try {
            new CredentialsHandler(ofTheFunction)
                    .handleRequest(
                            new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
                            new ByteArrayOutputStream(),
                            LambdaContext.of(time));
        } catch (IOException | RuntimeException e) {
            thrown = Optional.of(e);
        }
        List<JsonObject> taken = bucket.taken();
        return new Heard(
                taken.size() > before ? Optional.of(taken.getLast()) : Optional.empty(), thrown);
    }

    private static void write(
            com.fasterxml.jackson.core.JsonGenerator json, Map<String, Object> members)
            throws IOException {
        json.writeStartObject();
        for (Map.Entry<String, Object> member : members.entrySet()) {
            json.writeFieldName(member.getKey());
            if (member.getValue() instanceof Map<?, ?> map) {
                Map<String, Object> inner = new LinkedHashMap<>();
                map.forEach((name, value) -> inner.put(String.valueOf(name), value));
                write(json, inner);
            } else if (member.getValue() instanceof Boolean flag) {
                json.writeBoolean(flag);
            } else if (member.getValue() instanceof Integer number) {
                json.writeNumber(number);
            } else {
                json.writeString(member.getValue().toString());
            }
        }
        json.writeEndObject();
    }

    /** The password of the version with a label. */
    Optional<String> password(String stage) {
        return content(stage).map(text -> text.replaceFirst(".*\"password\":\"([^\"]*)\".*", "$1"));
    }

    /** The text of the version with a label. */
    Optional<String> content(String stage) {
        try {
            return Optional.ofNullable(
                    moto.getSecretValue(wanted -> wanted.secretId(secretName).versionStage(stage))
                            .secretString());
        } catch (ResourceNotFoundException e) {
            return Optional.empty();
        }
    }

    /** Makes a secret of this name, as somebody else would. */
    void secretOfAnother(String text) {
        moto.createSecret(wanted -> wanted.name(secretName).secretString(text));
    }

    /** Somebody stores another text, which is current at once. */
    void store(String text) {
        moto.putSecretValue(wanted -> wanted.secretId(secretName).secretString(text));
    }

    /** Another label for another text, as a rotation leaves it that died. */
    void pend(String text) {
        moto.putSecretValue(wanted ->
                wanted.secretId(secretName).secretString(text).versionStages("AWSPENDING"));
    }

    /** A label on a version without a value, as a rotation begins. */
    void pendNothing() {
        moto.rotateSecret(wanted ->
                wanted.secretId(secretName)
                        .clientRequestToken(UUID.randomUUID().toString())
                        .rotationLambdaARN(MotoRotation.FUNCTION)
                        .rotationRules(rules -> rules.automaticallyAfterDays(30L)));
    }

    /** Somebody deletes the secret, so that it can be restored. */
    void markForDeletion() {
        moto.deleteSecret(wanted -> wanted.secretId(secretName).recoveryWindowInDays(30L));
    }

    /** Somebody deletes it for good. */
    void deleteForGood() {
        moto.deleteSecret(wanted -> wanted.secretId(secretName).forceDeleteWithoutRecovery(true));
    }

    /** The text of a secret of RDS's shape for this database's user. */
    String text(String user, String password) {
        return "{\"username\":\"%s\",\"password\":\"%s\"}".formatted(user, password);
    }

    /** The labels that the secret has, and whose password the server takes. */
    String left() {
        String secret = secret();
        boolean isMarked = secret.equals("marked for deletion");
        if (isMarked) {
            moto.restoreSecret(wanted -> wanted.secretId(secretName));
        }
        String login = login();
        if (isMarked) {
            markForDeletion();
        }
        return secret + "; " + login;
    }

    private String login() {
        for (String stage : List.of("AWSCURRENT", "AWSPENDING")) {
            if (password(stage).filter(this::logsIn).isPresent()) {
                return stage + " logs in";
            }
        }
        return logsIn(OLD_PASSWORD) ? "the old password logs in" : "none of them logs in";
    }

    private String secret() {
        DescribeSecretResponse secret;
        try {
            secret = moto.describeSecret(wanted -> wanted.secretId(secretName));
        } catch (ResourceNotFoundException e) {
            return "no secret";
        }
        if (secret.deletedDate() != null) {
            return "marked for deletion";
        }
        Map<String, List<String>> stages =
                Objects.requireNonNullElse(secret.versionIdsToStages(), Map.of());
        if (stages.values().stream()
                .anyMatch(labels -> labels.containsAll(List.of("AWSCURRENT", "AWSPENDING")))) {
            return "one version is AWSCURRENT and AWSPENDING";
        }
        boolean isCurrent = content("AWSCURRENT").isPresent();
        return content("AWSPENDING").isPresent()
                ? "AWSCURRENT and AWSPENDING"
                : isCurrent || hasCurrent(stages) ? "AWSCURRENT" : "no value";
    }

    private static boolean hasCurrent(Map<String, List<String>> stages) {
        return stages.values().stream().anyMatch(labels -> labels.contains("AWSCURRENT"));
    }

    /** Whether the server lets the master user in. */
    boolean logsIn(String password) {
        try (Connection _ =
                DriverManager.getConnection(
                        "jdbc:postgresql://%s:%d/postgres"
                                .formatted(POSTGRES.host(), POSTGRES.port()),
                        database.role,
                        password)) {
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    @Override
    public void close() {
        bucket.close();
        POSTGRES.execute("postgres", "drop role " + database.role);
    }
}
