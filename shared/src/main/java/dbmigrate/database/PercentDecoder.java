package dbmigrate.database;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Percent-decoding as UTF-8. libpq takes a plus sign for itself; pgjdbc, which reads its URLs like
 * forms, for a blank.
 */
record PercentDecoder(boolean plusIsBlank) {
    /**
     * The decoded text; what is not encoded, non-ASCII included, stands for itself.
     *
     * @param part the name of what is decoded, for the message
     * @throws InvalidDatabaseUrlException if a percent sign is not followed by two hexadecimal
     *     digits, the text holds {@code %00}, or its bytes are not UTF-8
     */
    String decode(String part, String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        int at = 0;
        while (at < text.length()) {
            char character = text.charAt(at);
            if (character == '%') {
                bytes.write(escaped(part, text, at));
                at += 3;
            } else if (character == '+' && plusIsBlank) {
                bytes.write(' ');
                at++;
            } else {
                int end = at + Character.charCount(text.codePointAt(at));
                bytes.writeBytes(utf8(part, text.substring(at, end)));
                at = end;
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw notUtf8(part);
        }
    }

    private static int escaped(String part, String text, int at) {
        int high = at + 2 < text.length() ? hexadecimal(text.charAt(at + 1)) : -1;
        int low = at + 2 < text.length() ? hexadecimal(text.charAt(at + 2)) : -1;
        if (high < 0 || low < 0) {
            throw new InvalidDatabaseUrlException(
                    part,
                    "holds a % without two hexadecimal digits; "
                            + InvalidDatabaseUrlException.PERCENT_ENCODE);
        }
        if (high == 0 && low == 0) {
            throw new InvalidDatabaseUrlException(
                    part, "holds %00, which PostgreSQL does not take");
        }
        return high << 4 | low;
    }

    /** Digits of ASCII alone: Character.digit knows those of other scripts too. */
    private static int hexadecimal(char character) {
        return character < 0x80 ? Character.digit(character, 16) : -1;
    }

    private static byte[] utf8(String part, String text) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw notUtf8(part);
        }
    }

    private static InvalidDatabaseUrlException notUtf8(String part) {
        return new InvalidDatabaseUrlException(part, "is not UTF-8 once it is percent-decoded");
    }
}
