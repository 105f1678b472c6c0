package dbmigrate.local;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What an Authorization header of Signature Version 4 says.
 *
 * @param scope day/region/service/aws4_request
 * @param headers names of the signed headers, in lower case and in order
 * @param hex the signature itself
 */
record Signature(String keyId, String scope, List<String> headers, String hex) {
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final Set<String> PARTS = Set.of("Credential", "SignedHeaders", "Signature");

    /** Reads the header; empty where it is something else. */
    static Optional<Signature> parse(String authorization) {
        if (!authorization.startsWith(ALGORITHM + " ")) {
            return Optional.empty();
        }
        var parts = new HashMap<String, String>();
        String[] pairs = authorization.substring(ALGORITHM.length() + 1).split(",", -1);
        for (String pair : pairs) {
            String[] nameAndValue = pair.strip().split("=", 2);
            if (nameAndValue.length == 2) {
                parts.put(nameAndValue[0], nameAndValue[1]);
            }
        }
        if (pairs.length != PARTS.size() || !parts.keySet().equals(PARTS)) {
            return Optional.empty();
        }
        String[] credential = parts.getOrDefault("Credential", "").split("/", 2);
        var headers = List.of(parts.getOrDefault("SignedHeaders", "").split(";", -1));
        boolean isInOrder = headers.stream().distinct().sorted().toList().equals(headers);
        return credential.length == 2 && isInOrder
                ? Optional.of(
                        new Signature(
                                credential[0],
                                credential[1],
                                headers,
                                parts.getOrDefault("Signature", "")))
                : Optional.empty();
    }

    /**
     * The scope of a key that is derived for one day, region and service.
     *
     * @param date x-amz-date, which begins with the day
     */
    static String scope(String date, String region, String service) {
        return String.join("/", date.substring(0, 8), region, service, "aws4_request");
    }

    /** The signature that this secret gives a canonical request, in hexadecimal digits. */
    static String of(String secret, String date, String scope, String canonicalRequest) {
        byte[] key = ("AWS4" + secret).getBytes(StandardCharsets.UTF_8);
        for (String part : scope.split("/")) {
            key = hmac(key, part);
        }
        String hash = sha256(canonicalRequest.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hmac(key, String.join("\n", ALGORITHM, date, scope, hash)));
    }

    /** SHA-256 in hexadecimal digits. */
    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
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
