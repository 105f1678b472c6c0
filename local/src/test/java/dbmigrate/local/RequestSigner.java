package dbmigrate.local;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs a request as a caller does (Signature Version 4), rightly or wrongly in one respect. It
 * shares nothing with what checks it.
 *
 * @param payload the hash that is signed in place of the body's; empty for the body's
 * @param unsigned names of headers that are left out
 */
record RequestSigner(
        String keyId,
        String secret,
        String sessionToken,
        String region,
        String service,
        Instant at,
        String payload,
        List<String> unsigned) {

    static RequestSigner of(ApiAuth.Iam iam) {
        return new RequestSigner(
                iam.key().id(),
                iam.key().secret(),
                iam.key().sessionToken().orElse(""),
                iam.region(),
                "execute-api",
                Instant.now(),
                "",
                List.of());
    }

    RequestSigner key(String id, String key) {
        return new RequestSigner(id, key, sessionToken, region, service, at, payload, unsigned);
    }

    RequestSigner session(String token) {
        return new RequestSigner(keyId, secret, token, region, service, at, payload, unsigned);
    }

    RequestSigner scope(String otherRegion, String otherService) {
        return new RequestSigner(
                keyId, secret, sessionToken, otherRegion, otherService, at, payload, unsigned);
    }

    RequestSigner at(Instant other) {
        return new RequestSigner(
                keyId, secret, sessionToken, region, service, other, payload, unsigned);
    }

    RequestSigner payload(String hash) {
        return new RequestSigner(keyId, secret, sessionToken, region, service, at, hash, unsigned);
    }

    RequestSigner leavingOut(String header) {
        return new RequestSigner(
                keyId, secret, sessionToken, region, service, at, payload, List.of(header));
    }

    /** Adds what makes the request a signed one. */
    WireRequest sign(WireRequest request, int port) {
        String date =
                DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'")
                        .withZone(ZoneOffset.UTC)
                        .format(at);
        request.header("X-Amz-Date", date);
        if (!sessionToken.isEmpty()) {
            request.header("X-Amz-Security-Token", sessionToken);
        }
        var signed = new TreeMap<String, String>(Map.of("host", "127.0.0.1:" + port));
        request.headers().forEach(h -> signed.put(h.getKey().toLowerCase(), h.getValue()));
        unsigned.forEach(signed::remove);
        String names = String.join(";", signed.keySet());
        var uri = URI.create(request.target());
        String canonical =
                Stream.of(
                                request.method(),
                                uri.getRawPath(),
                                uri.getRawQuery() == null ? "" : uri.getRawQuery(),
                                signed.entrySet().stream()
                                        .map(h -> h.getKey() + ":" + h.getValue() + "\n")
                                        .collect(Collectors.joining()),
                                names,
                                payload.isEmpty() ? sha256(request.body()) : payload)
                        .collect(Collectors.joining("\n"));
        String scope = "%s/%s/%s/aws4_request".formatted(date.substring(0, 8), region, service);
        byte[] key = ("AWS4" + secret).getBytes(StandardCharsets.UTF_8);
        for (String part : scope.split("/")) {
            key = hmac(key, part);
        }
        String toSign = "AWS4-HMAC-SHA256\n%s\n%s\n%s".formatted(date, scope, sha256(canonical));
        return request.header(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s"
                        .formatted(
                                keyId, scope, names, HexFormat.of().formatHex(hmac(key, toSign))));
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
