package dbmigrate.credentials;

import dbmigrate.database.DatabaseUrl;
import dbmigrate.database.Login;
import dbmigrate.database.Secret;
import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import java.util.Optional;

/**
 * What a version of the secret holds: the JSON object of Secrets Manager's rotation templates for
 * PostgreSQL.
 *
 * @param host empty where it is a secret as RDS makes it, with user and password alone
 */
record SecretContent(String username, Secret password, String host, int port, String databaseName) {
    /** What PostgreSQL listens on where a secret does not say. */
    private static final int PORT = 5432;

    /** The content for a password that the database is to have. */
    static SecretContent of(MasterDatabase database, Secret password, String databaseName) {
        return new SecretContent(
                database.masterUser(),
                password,
                database.host().orElseThrow(),
                database.port(),
                databaseName);
    }

    /** Reads it; empty where it is something else than a database's credentials. */
    static Optional<SecretContent> parse(String text) {
        JsonObject members;
        try {
            members = JsonObject.of(Json.read(text));
        } catch (MalformedJsonException e) {
            return Optional.empty();
        }
        Optional<String> user = members.string("username").filter(name -> !name.isEmpty());
        Optional<String> password = members.string("password").filter(word -> !word.isEmpty());
        if (user.isEmpty() || password.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new SecretContent(
                        user.get(),
                        new Secret(password.get()),
                        members.string("host").orElse(""),
                        port(members),
                        members.string("dbname").orElse("postgres")));
    }

    /** Rotation templates write it as a number or as a text. */
    private static int port(JsonObject members) {
        return members.integer("port")
                .or(() ->
                        members.string("port")
                                .filter(text -> text.matches("\\d{1,5}"))
                                .map(Integer::valueOf))
                .orElse(PORT);
    }

    /** The text that is stored. */
    String json() {
        return Json.write(json -> {
            json.writeStartObject();
            json.writeStringField("engine", "postgres");
            json.writeStringField("username", username);
            json.writeStringField("password", password.reveal());
            json.writeStringField("host", host);
            json.writeNumberField("port", port);
            json.writeStringField("dbname", databaseName);
            json.writeEndObject();
        });
    }

    /** How this user logs in to the maintenance database, which always stands. */
    DatabaseUrl url() {
        return DatabaseUrl.parse(
                "postgresql://%s:%d/postgres".formatted(host, port),
                new Login(username, Optional.of(password)));
    }

    /** Whether it says itself that it is this database's. */
    boolean isOf(MasterDatabase database) {
        return database.host().filter(host::equalsIgnoreCase).isPresent();
    }

    /** The same user and password, with the address that RDS says. */
    SecretContent at(MasterDatabase database, String name) {
        return new SecretContent(
                username, password, database.host().orElseThrow(), database.port(), name);
    }
}
