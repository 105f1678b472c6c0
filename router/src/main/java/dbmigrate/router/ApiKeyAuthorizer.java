package dbmigrate.router;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dbmigrate.database.SecretArn;
import dbmigrate.database.SecretReader;
import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import dbmigrate.log.Log;
import dbmigrate.settings.Environment;
import dbmigrate.snapshot.BeforeSnapshot;
import dbmigrate.snapshot.SnapStart;
import dbmigrate.snapshot.TlsPriming;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The authoriser of an HTTP API (payload format 2.0, simple responses) that lets in whoever sends
 * one of the keys of a secret in the header {@code x-api-key}. Where the keys cannot be had it
 * fails, which API Gateway answers by 500: nobody comes in then.
 */
public final class ApiKeyAuthorizer implements RequestStreamHandler {
    private static final String VARIABLE = "API_KEY_SECRET_ARN";
    private static final String HEADER = "x-api-key";

    private final SecretArn secret;
    private final KeptApiKeys keys = new KeptApiKeys(this::read, InstantSource.system());
    private @Nullable SecretReader reader;

    /**
     * What Lambda calls.
     *
     * @throws dbmigrate.settings.InvalidEnvironmentException that names the variable which is
     *     missing or wrong
     */
    public ApiKeyAuthorizer() {
        this(System.getenv());
    }

    ApiKeyAuthorizer(Map<String, String> variables) {
        Environment environment = new Environment(variables);
        Optional<SecretArn> arn = environment.required(VARIABLE, SecretArn::parse);
        environment.verify();
        this.secret = arn.orElseThrow();
        if (SnapStart.isOn(variables)) {
            BeforeSnapshot.run(ApiKeyAuthorizer::prime, TlsPriming::run);
        }
    }

    @Override
    public void handleRequest(InputStream input, OutputStream output, Context context)
            throws IOException {
        Log log = Log.ofRequest(context.getAwsRequestId());
        Optional<String> identity;
        try {
            Optional<String> sent = key(input);
            identity = sent.isPresent() ? keys.identityOf(sent.get(), log) : Optional.empty();
        } catch (SQLException | RuntimeException e) {
            log.error("the keys cannot be had; nobody comes in", e);
            throw new IllegalStateException("the keys cannot be had; the log says why", e);
        }
        log.with("isAuthorized", identity.isPresent())
                .with("identity", identity.orElse("nobody"))
                .info("authorisation");
        output.write(answer(identity).getBytes(StandardCharsets.UTF_8));
    }

    /** As it was sent: one with a blank more is another one. */
    private static Optional<String> key(InputStream event) throws IOException {
        try {
            return JsonObject.of(Json.read(event)).object("headers").strings().entrySet().stream()
                    .filter(header -> header.getKey().equalsIgnoreCase(HEADER))
                    .map(Map.Entry::getValue)
                    .findFirst();
        } catch (MalformedJsonException e) {
            throw new IllegalArgumentException("the event is no JSON", e);
        }
    }

    private static String answer(Optional<String> identity) {
        return Json.write(json -> {
            json.writeStartObject();
            json.writeBooleanField("isAuthorized", identity.isPresent());
            json.writeObjectFieldStart("context");
            if (identity.isPresent()) {
                json.writeStringField("identity", identity.get());
            }
            json.writeEndObject();
            json.writeEndObject();
        });
    }

    private ApiKeys read(Log log) throws SQLException {
        SecretReader known = reader == null ? new SecretReader(secret, VARIABLE) : reader;
        reader = known;
        return ApiKeys.read(
                known.current()
                        .orElseThrow(() ->
                                new IllegalStateException(
                                        "the secret that API_KEY_SECRET_ARN names is binary")),
                log);
    }

    /** Reads a key and an event that are nobody's, and answers. */
    private static void prime() {
        String key = "0".repeat(64);
        answer(ApiKeys.read("{\"nobody\": \"" + key + "\"}", new Log(Map.of())).identityOf(key));
    }
}
