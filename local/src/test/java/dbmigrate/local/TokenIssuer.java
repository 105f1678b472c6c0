package dbmigrate.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * GitHub's identity provider on this machine: an RSA key of its own, the documents that a JWT
 * authoriser reads, and the place where a job asks for its token.
 */
final class TokenIssuer implements AutoCloseable {
    static final String REPOSITORY_ID = "731204";
    static final String REQUEST_TOKEN = "request-token-of-the-job";
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpServer server;
    private final KeyPair keys = rsa();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile Duration lifetime = Duration.ofMinutes(5);
    private volatile Duration ahead = Duration.ZERO;

    private TokenIssuer(HttpServer server) {
        this.server = server;
    }

    static TokenIssuer start() throws IOException {
        var server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        var issuer = new TokenIssuer(server);
        server.createContext(
                "/.well-known/openid-configuration",
                exchange -> answer(exchange, 200, Map.of("jwks_uri", issuer.url() + "/keys")));
        server.createContext("/keys", exchange -> answer(exchange, 200, issuer.keySet()));
        server.createContext("/token", issuer::giveToken);
        server.start();
        return issuer;
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Where a job asks for its token, as GitHub tells it in a variable. */
    String requestUrl() {
        return url() + "/token?api-version=2.0";
    }

    /** The audiences that tokens were asked for, in turn. */
    List<String> asked() {
        return List.copyOf(asked);
    }

    /** How long the tokens live that are given from now on. */
    void lifetime(Duration lifetime) {
        this.lifetime = lifetime;
    }

    /** By how much the issuer's clock is ahead when it makes tokens from now on. */
    void ahead(Duration ahead) {
        this.ahead = ahead;
    }

    /** What GitHub says of a job on the default branch, in an environment. */
    Map<String, Object> claims(String audience) {
        long now = Instant.now().plus(ahead).getEpochSecond();
        var claims = new LinkedHashMap<String, Object>();
        claims.put("iss", url());
        claims.put("aud", audience);
        claims.put("sub", "repo:example/app:environment:production");
        claims.put("repository", "example/app");
        claims.put("repository_id", REPOSITORY_ID);
        claims.put("ref", "refs/heads/main");
        claims.put("event_name", "push");
        claims.put("environment", "production");
        claims.put("nbf", now - 300);
        claims.put("iat", now);
        claims.put("exp", now + lifetime.toSeconds());
        return claims;
    }

    /** A token that is right, with these claims in place of its own; null leaves one out. */
    String token(String audience, Map<String, ?> changes) {
        var claims = claims(audience);
        changes.forEach(claims::put);
        claims.values().removeIf(value -> value.equals(""));
        return signed(Map.of(), claims, keys.getPrivate());
    }

    /** RS256 with this issuer's name for its key. */
    static String signed(Map<String, ?> header, Map<String, ?> claims, PrivateKey key) {
        return signedPart(header, part(claims), key);
    }

    /** The same of claims that are JSON already. */
    static String signed(Map<String, ?> header, String claims, PrivateKey key) {
        return signedPart(header, base64(claims.getBytes(StandardCharsets.UTF_8)), key);
    }

    private static String signedPart(Map<String, ?> header, String claims, PrivateKey key) {
        var all = new HashMap<String, Object>(Map.of("alg", "RS256", "typ", "JWT", "kid", "first"));
        all.putAll(header);
        String text = part(all) + "." + claims;
        try {
            var rsa = java.security.Signature.getInstance("SHA256withRSA");
            rsa.initSign(key);
            rsa.update(text.getBytes(StandardCharsets.US_ASCII));
            return text + "." + base64(rsa.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same claims, signed with the public key as if it were a secret one. */
    String signedWithPublicKey(Map<String, ?> claims, byte[] secret) {
        String text = part(Map.of("alg", "HS256", "kid", "first")) + "." + part(claims);
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return text + "." + base64(mac.doFinal(text.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    PrivateKey privateKey() {
        return keys.getPrivate();
    }

    RSAPublicKey publicKey() {
        return (RSAPublicKey) keys.getPublic();
    }

    static KeyPair rsa() {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A header or claims, as a token holds them. */
    static String part(Map<String, ?> members) {
        try {
            return base64(JSON.writeValueAsBytes(members));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private Map<String, Object> keySet() {
        return Map.of("keys", List.of(publicKey("first")));
    }

    /** The key as a key set holds it. */
    Map<String, String> publicKey(String id) {
        return Map.of(
                "kty",
                "RSA",
                "use",
                "sig",
                "alg",
                "RS256",
                "kid",
                id,
                "n",
                unsigned(publicKey().getModulus()),
                "e",
                unsigned(publicKey().getPublicExponent()));
    }

    private static String unsigned(BigInteger number) {
        byte[] bytes = number.toByteArray();
        int from = bytes[0] == 0 ? 1 : 0;
        return base64(java.util.Arrays.copyOfRange(bytes, from, bytes.length));
    }

    private void giveToken(HttpExchange exchange) throws IOException {
        var authorization = exchange.getRequestHeaders().get("Authorization");
        if (!List.of("Bearer " + REQUEST_TOKEN).equals(authorization)) {
            answer(exchange, 401, Map.of("message", "who asks?"));
            return;
        }
        String query = exchange.getRequestURI().getRawQuery();
        String audience =
                URLDecoder.decode(query.replaceFirst(".*&audience=", ""), StandardCharsets.UTF_8);
        asked.add(audience);
        answer(exchange, 200, Map.of("count", 1, "value", token(audience, Map.of())));
    }

    private static void answer(HttpExchange exchange, int status, Map<String, ?> json)
            throws IOException {
        try (exchange) {
            byte[] body = JSON.writeValueAsBytes(json);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
