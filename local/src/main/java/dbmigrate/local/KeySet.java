package dbmigrate.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * An issuer's RSA keys (RFC 7517), read over HTTP: from where the issuer's document of OpenID
 * Connect says, or from a given place.
 *
 * <p>They are kept, and read again when a token names one that is not among them: so an issuer that
 * changes its key is followed.
 */
final class KeySet implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build();
    private final String issuer;
    private final Optional<URI> place;
    private Map<String, PublicKey> keys = Map.of();

    KeySet(ApiAuth.GithubOidc oidc) {
        issuer = oidc.issuer();
        place = oidc.keys();
    }

    /** The key of this name; empty where the issuer has none, or cannot be asked. */
    synchronized Optional<PublicKey> key(String id) throws InterruptedException {
        if (!keys.containsKey(id)) {
            try {
                keys = read();
            } catch (IOException | IllegalArgumentException | GeneralSecurityException e) {
                System.out.println(
                        "[local] The keys of %s cannot be read: %s".formatted(issuer, e));
            }
        }
        return Optional.ofNullable(keys.get(id));
    }

    private Map<String, PublicKey> read()
            throws IOException, InterruptedException, GeneralSecurityException {
        URI from =
                place.isPresent()
                        ? place.get()
                        : URI.create(
                                get(URI.create(issuer + "/.well-known/openid-configuration"))
                                        .path("jwks_uri")
                                        .asText());
        var read = new HashMap<String, PublicKey>();
        for (JsonNode key : get(from).path("keys")) {
            if ("RSA".equals(key.path("kty").textValue()) && key.hasNonNull("kid")) {
                var numbers = new RSAPublicKeySpec(number(key, "n"), number(key, "e"));
                read.put(
                        key.get("kid").asText(),
                        KeyFactory.getInstance("RSA").generatePublic(numbers));
            }
        }
        return read;
    }

    private static BigInteger number(JsonNode key, String member) {
        return new BigInteger(1, Base64.getUrlDecoder().decode(key.path(member).asText()));
    }

    private JsonNode get(URI uri) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(uri).timeout(LIMIT).build();
        var answer = http.send(request, BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) {
            throw new IOException("%s answers %d".formatted(uri, answer.statusCode()));
        }
        return JSON.readTree(answer.body());
    }

    @Override
    public void close() {
        http.close();
    }
}
