package dbmigrate.local;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.Base64;
import java.util.Optional;

/**
 * A JSON Web Token (RFC 7519), not yet verified.
 *
 * @param signedText header and claims as they were signed
 */
record Token(JsonNode header, JsonNode claims, String signedText, byte[] signature) {
    /** A name that stands there twice would be read differently by others. */
    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    /** Reads the compact form; empty where it is something else. */
    static Optional<Token> parse(String compact) {
        String[] parts = compact.split("\\.", -1);
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            var token =
                    new Token(
                            JSON.readTree(decoded(parts[0])),
                            JSON.readTree(decoded(parts[1])),
                            parts[0] + "." + parts[1],
                            decoded(parts[2]));
            return token.header.isObject() && token.claims.isObject()
                    ? Optional.of(token)
                    : Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static byte[] decoded(String part) {
        return Base64.getUrlDecoder().decode(part);
    }

    /** Whether it says the one algorithm that is taken, and nothing that must be understood. */
    boolean isRs256() {
        return "RS256".equals(header.path("alg").textValue()) && !header.has("crit");
    }

    /** Which key of the issuer's it is signed with; empty text where it does not say. */
    String keyId() {
        return header.path("kid").asText("");
    }

    boolean isSignedWith(PublicKey key) {
        try {
            var rsa = java.security.Signature.getInstance("SHA256withRSA");
            rsa.initVerify(key);
            rsa.update(signedText.getBytes(StandardCharsets.US_ASCII));
            return rsa.verify(signature);
        } catch (GeneralSecurityException e) {
            // A signature that has not even a key's length.
            return false;
        }
    }
}
