package dbmigrate.router;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;

/** Where a page of a list begins, as callers hand it back: to them it is a word without meaning. */
final class Cursor {
    private static final int BYTES = 16;

    private Cursor() {}

    /** The cursor of the page behind this process. */
    static String text(UUID id) {
        byte[] bytes =
                ByteBuffer.allocate(BYTES)
                        .putLong(id.getMostSignificantBits())
                        .putLong(id.getLeastSignificantBits())
                        .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** The process behind which a page begins; empty for what {@link #text} never gave. */
    static Optional<UUID> id(String text) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            if (bytes.length != BYTES) {
                return Optional.empty();
            }
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            UUID id = new UUID(buffer.getLong(), buffer.getLong());
            return Optional.of(id).filter(known -> text(known).equals(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
