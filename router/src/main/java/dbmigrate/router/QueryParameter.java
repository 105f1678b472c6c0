package dbmigrate.router;

import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A parameter of a query string. API Gateway's own reading of it joins the values of one that is
 * given twice by a comma, so that they look like one value.
 */
record QueryParameter(String name, String value) {
    /** What {@link URLDecoder} reads all the same, or leaves as it stands. */
    private static final Pattern NOT_ENCODED =
            Pattern.compile("%(?![0-9A-Fa-f]{2})|[^\\x21-\\x7e]");

    /**
     * Reads a query string as forms write it: {@code &} between parameters, {@code =} behind the
     * name, {@code +} for a blank, everything else percent-encoded UTF-8.
     *
     * @throws ProblemException 400 for what is not encoded so
     */
    static List<QueryParameter> read(String query) {
        return Stream.of(query.split("&"))
                .filter(part -> !part.isEmpty())
                .map(part -> part.split("=", 2))
                .map(part ->
                        new QueryParameter(
                                decoded(part[0]), part.length == 2 ? decoded(part[1]) : ""))
                .toList();
    }

    private static String decoded(String text) {
        if (NOT_ENCODED.matcher(text).find()) {
            throw malformed();
        }
        // Byte by byte, since it replaces silently what is no UTF-8.
        byte[] bytes =
                URLDecoder.decode(text, StandardCharsets.ISO_8859_1)
                        .getBytes(StandardCharsets.ISO_8859_1);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw malformed();
        }
    }

    private static ProblemException malformed() {
        return new ProblemException(
                Problem.badRequest("the query string is not percent-encoded UTF-8"));
    }
}
