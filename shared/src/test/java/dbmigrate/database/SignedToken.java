package dbmigrate.database;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * An authentication token of RDS, taken apart and signed once more, without the SDK, as AWS
 * documents it: a presigned GET of Signature Version 4 whose service is {@code rds-db}.
 *
 * @param query the parameters as they stand there, still encoded, in the order of their names
 */
record SignedToken(String address, Map<String, String> query) {
    static SignedToken parse(String token) {
        String[] parts = token.split("/\\?", 2);
        Map<String, String> query = new TreeMap<>();
        for (String parameter : parts[1].split("&")) {
            String[] pair = parameter.split("=", 2);
            query.put(pair[0], pair[1]);
        }
        return new SignedToken(parts[0], query);
    }

    String value(String name) {
        return URLDecoder.decode(query.getOrDefault(name, ""), StandardCharsets.UTF_8);
    }

    /** Whether it is signed with this key. */
    boolean isSignedWith(String secretKey) {
        return signature(secretKey).equals(value("X-Amz-Signature"));
    }

    private String signature(String secretKey) {
        String[] scope = value("X-Amz-Credential").split("/", 2);
        Map<String, String> signed = new TreeMap<>(query);
        signed.remove("X-Amz-Signature");
        StringBuilder canonicalQuery = new StringBuilder();
        signed.forEach((name, value) ->
                canonicalQuery
                        .append(canonicalQuery.isEmpty() ? "" : "&")
                        .append(name)
                        .append('=')
                        .append(value));
        String request =
                "GET\n/\n%s\nhost:%s\n\nhost\n%s".formatted(canonicalQuery, address, hash(""));
        String toSign =
                "AWS4-HMAC-SHA256\n%s\n%s\n%s"
                        .formatted(value("X-Amz-Date"), scope[1], hash(request));
        byte[] key = ("AWS4" + secretKey).getBytes(StandardCharsets.UTF_8);
        for (String part : scope[1].split("/")) {
            key = hmac(key, part);
        }
        return HexFormat.of().formatHex(hmac(key, toSign));
    }

    private static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has it", e);
        }
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has it", e);
        }
    }
}
