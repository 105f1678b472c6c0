package dbmigrate.credentials;

import com.fasterxml.jackson.core.JsonGenerator;
import dbmigrate.database.Login;
import dbmigrate.database.Secret;
import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a version of the rotated secret holds: user and password, and whatever else somebody keeps
 * there, which stays as it is. It prints masked.
 */
final class RotatedValue {
    private final JsonObject members;
    private final Login login;

    private RotatedValue(JsonObject members, Login login) {
        this.members = members;
        this.login = login;
    }

    /**
     * Reads a text.
     *
     * @param version which one it is, for a message
     * @throws CredentialsException where it holds no user and password; nothing of it is shown
     */
    static RotatedValue parse(String text, String version) {
        JsonObject members;
        try {
            members = JsonObject.of(Json.read(text));
        } catch (MalformedJsonException e) {
            // Even the place of the mistake says something of what stands there.
            throw unfit(version);
        }
        Optional<String> user = members.string("username").filter(name -> !name.isEmpty());
        Optional<String> password = members.string("password").filter(word -> !word.isEmpty());
        if (user.isEmpty() || password.isEmpty()) {
            throw unfit(version);
        }
        return new RotatedValue(members, new Login(user.get(), password.map(Secret::new)));
    }

    Login login() {
        return login;
    }

    String user() {
        return login.user();
    }

    /** Whether it is of the same user on the same host; that neither says one is the same, too. */
    boolean isOfTheSame(RotatedValue other) {
        return user().equals(other.user()) && host().equalsIgnoreCase(other.host());
    }

    /** Empty where there is none, as in RDS's own secret. */
    private String host() {
        return members.string("host").orElse("");
    }

    /** Whether it is a secret of the rotation templates for two users. */
    boolean namesAMaster() {
        return members.string("masterarn").filter(arn -> !arn.isEmpty()).isPresent();
    }

    /** The text of the same with another user and password. */
    String with(String user, MasterPassword password) {
        Map<String, @Nullable Object> changed = new LinkedHashMap<>(members.members());
        changed.put("username", user);
        changed.put("password", password.reveal());
        return Json.write(json -> write(json, changed));
    }

    private static void write(JsonGenerator json, @Nullable Object value) throws IOException {
        switch (value) {
            case null -> json.writeNull();
            case Map<?, ?> object -> {
                json.writeStartObject();
                for (Map.Entry<?, ?> member : object.entrySet()) {
                    json.writeFieldName(String.valueOf(member.getKey()));
                    write(json, member.getValue());
                }
                json.writeEndObject();
            }
            case List<?> array -> {
                json.writeStartArray();
                for (Object element : array) {
                    write(json, element);
                }
                json.writeEndArray();
            }
            case Boolean truth -> json.writeBoolean(truth);
            case Number number -> json.writeNumber(number.toString());
            default -> json.writeString(value.toString());
        }
    }

    private static CredentialsException unfit(String version) {
        return new CredentialsException(
                "the version %s of the secret is no JSON object with username and password, both texts; store one"
                        .formatted(version));
    }

    @Override
    public String toString() {
        return "user and password of " + user();
    }
}
