package dbmigrate.local;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A request in the one form that Signature Version 4 hashes: method, path, query, signed headers,
 * their names, SHA-256 of the payload.
 *
 * <p>The path is normalised, and what the caller has encoded is encoded once more, as for every
 * service but S3. Of the query each name and value is decoded and encoded anew, then sorted.
 */
final class CanonicalRequest {
    private CanonicalRequest() {}

    static String of(GatewayRequest request, List<String> signedHeaders) {
        return String.join(
                "\n",
                request.method(),
                path(request.target().getRawPath()),
                query(Optional.ofNullable(request.target().getRawQuery()).orElse("")),
                signedHeaders.stream()
                        .map(name -> name + ":" + header(request.values(name)) + "\n")
                        .collect(Collectors.joining()),
                String.join(";", signedHeaders),
                Signature.sha256(request.body()));
    }

    private static String path(String raw) {
        var segments = new ArrayList<String>();
        for (String segment : raw.split("/")) {
            switch (segment) {
                case "", "." -> {}
                case ".." -> {
                    if (!segments.isEmpty()) {
                        segments.removeLast();
                    }
                }
                default -> segments.add(encoded(segment.getBytes(StandardCharsets.UTF_8)));
            }
        }
        String path = "/" + String.join("/", segments);
        return raw.endsWith("/") && !path.endsWith("/") ? path + "/" : path;
    }

    private static String query(String raw) {
        return Stream.of(raw.split("&"))
                .filter(pair -> !pair.isEmpty())
                .map(pair -> pair.split("=", 2))
                .map(pair -> new String[] {anew(pair[0]), pair.length == 2 ? anew(pair[1]) : ""})
                .sorted((a, b) -> a[0].equals(b[0]) ? a[1].compareTo(b[1]) : a[0].compareTo(b[0]))
                .map(pair -> pair[0] + "=" + pair[1])
                .collect(Collectors.joining("&"));
    }

    private static String header(List<String> values) {
        return values.stream()
                .map(value -> value.strip().replaceAll(" +", " "))
                .collect(Collectors.joining(","));
    }

    private static String anew(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        var decoded = new ByteArrayOutputStream();
        for (int i = 0; i < bytes.length; i++) {
            // The JDK's server lets no request pass whose URI has a "%" without two digits.
            boolean isEscape = bytes[i] == '%' && i + 2 < bytes.length;
            decoded.write(
                    isEscape
                            ? Integer.parseInt(
                                    new String(bytes, i + 1, 2, StandardCharsets.US_ASCII), 16)
                            : bytes[i]);
            i += isEscape ? 2 : 0;
        }
        return encoded(decoded.toByteArray());
    }

    private static String encoded(byte[] bytes) {
        var encoded = new StringBuilder();
        for (byte b : bytes) {
            boolean isUnreserved =
                    b >= 'A' && b <= 'Z'
                            || b >= 'a' && b <= 'z'
                            || b >= '0' && b <= '9'
                            || "-._~".indexOf(b) >= 0;
            encoded.append(isUnreserved ? String.valueOf((char) b) : "%%%02X".formatted(b));
        }
        return encoded.toString();
    }
}
