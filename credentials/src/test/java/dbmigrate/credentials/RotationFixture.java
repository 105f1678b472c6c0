package dbmigrate.credentials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import dbmigrate.testing.MotoRotation;
import dbmigrate.testing.MotoServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A secret in moto, a user of a server, and a master user who is no superuser, as on RDS. Whatever
 * is printed and thrown is searched for passwords.
 */
final class RotationFixture implements AutoCloseable {
    static final List<String> STEPS =
            List.of("createSecret", "setSecret", "testSecret", "finishSecret");

    /** A session of the superuser. */
    @FunctionalInterface
    interface Superuser {
        Connection session() throws SQLException;
    }

    final MotoServer moto;
    final MotoRotation rotation;
    final Map<String, String> variables = new HashMap<>();
    final String owner;
    final String user;
    final String clone;
    final String master;
    final String mark = UUID.randomUUID().toString();
    final String arn;
    final String masterArn;

    private final Superuser superuser;
    private final int port;
    private final PrintStream out = System.out;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final List<String> passwords = new ArrayList<>(List.of(mark));

    RotationFixture(MotoServer moto, Superuser superuser, int port)
            throws SQLException, MalformedJsonException {
        this.moto = moto;
        this.superuser = superuser;
        this.port = port;
        String suffix = UUID.randomUUID().toString().substring(0, 8);
        owner = "The owner of " + suffix;
        user = "user-" + suffix;
        clone = user + "_clone";
        master = "master-" + suffix;
        execute("create role %s login createdb createrole".formatted(quoted(master)));
        password(master, text(0));
        // As on RDS: the master user made both.
        execute(
                "set session authorization %s; create role %s nologin createdb; create role %s login createdb connection limit 50; grant %2$s to %3$s;"
                        .formatted(quoted(master), quoted(owner), quoted(user)));
        execute("grant pg_signal_backend, pg_read_all_stats to " + quoted(owner));
        password(user, text(1));
        arn = moto.secret(secret(user, text(1)));
        rotation = MotoRotation.of(moto, arn);
        masterArn = moto.secret(MotoServer.ofRds(master, text(0)));
        variables.put("DATABASE_URL", "postgresql://127.0.0.1:%d/not_there_yet".formatted(port));
        variables.put("DATABASE_SECRET_ARN", arn);
        System.setOut(new PrintStream(log, true, StandardCharsets.UTF_8));
    }

    /** Two users take turns. */
    RotationFixture alternating() {
        variables.put("DATABASE_OWNER_ROLE", owner);
        variables.put("ROTATION_MASTER_SECRET_ARN", masterArn);
        return this;
    }

    /** Takes all steps of one rotation as Secrets Manager does. */
    String rotate() throws IOException, MalformedJsonException {
        String token = rotation.begin();
        for (String step : STEPS) {
            take(step, token);
        }
        rotation.ended(token);
        return token;
    }

    void take(String step, String token) throws IOException, MalformedJsonException {
        invoke(
                "{\"Step\":\"%s\",\"ClientRequestToken\":\"%s\",\"SecretId\":\"%s\",\"RotationToken\":\"t\"}"
                        .formatted(step, token, arn));
        if (step.equals("createSecret")) {
            passwords.add(value("AWSCURRENT").string("password").orElseThrow());
            passwords.add(value("AWSPENDING").string("password").orElseThrow());
        }
    }

    void invoke(String event) throws IOException {
        new RotationHandler(RotationSettings.read(variables))
                .handleRequest(
                        new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)),
                        new ByteArrayOutputStream(),
                        LambdaContext.of(Duration.ofMinutes(1)));
    }

    /** The sentence with which a step is refused. */
    String refusal(String step, String token) {
        return String.valueOf(
                assertThrows(RotationFailedException.class, () -> take(step, token)).getMessage());
    }

    JsonObject value(String stage) throws MalformedJsonException {
        return JsonObject.of(Json.read(moto.text(arn, stage)));
    }

    /** Whether the server takes what a version of the secret says. */
    boolean logsIn(String stage) throws SQLException, MalformedJsonException {
        JsonObject value = value(stage);
        return logsIn(
                value.string("username").orElseThrow(), value.string("password").orElseThrow());
    }

    boolean logsIn(String name, String password) throws SQLException {
        try {
            login(name, password).close();
            return true;
        } catch (SQLException e) {
            assertEquals("28P01", e.getSQLState(), e::getMessage);
            return false;
        }
    }

    Connection login(String name, String password) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(port), name, password);
    }

    /** A password by its number; each holds the mark. */
    String text(int number) {
        return "%s p@ss:w/rd\"\\%%{}' %d".formatted(mark, number);
    }

    /** The text of a secret of the rotation templates, with something of somebody's own. */
    static String secret(String name, String password) {
        return Json.write(json -> {
            json.writeStartObject();
            json.writeStringField("engine", "postgres");
            json.writeStringField("host", "other.invalid");
            json.writeStringField("username", name);
            json.writeStringField("password", password);
            json.writeNumberField("port", 5999);
            json.writeFieldName("own");
            json.writeStartArray();
            json.writeBoolean(true);
            json.writeNull();
            json.writeNumber(1.5);
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    void password(String name, String password) throws SQLException {
        execute("alter role %s password '%s'".formatted(quoted(name), password.replace("'", "''")));
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = superuser.session();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    List<String> query(String sql) throws SQLException {
        try (Connection connection = superuser.session();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            List<String> rows = new ArrayList<>();
            while (row.next()) {
                rows.add(row.getString(1));
            }
            return rows;
        }
    }

    static String quoted(String name) {
        return '"' + name + '"';
    }

    void assertHoldsNoPassword(String text) {
        for (String password : passwords) {
            assertFalse(text.contains(password), text);
        }
    }

    /** What was printed since the beginning. */
    String printed() {
        return log.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        System.setOut(out);
        out.print(printed());
        assertHoldsNoPassword(printed());
    }
}
