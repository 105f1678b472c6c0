package dbmigrate.testing;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Takes PostgreSQL's messages out of the bytes of one direction, however those are cut. */
final class WireMessages {
    /** Gets each message: its type, or 0 where it has none, and what follows its length. */
    @FunctionalInterface
    interface Reader {
        void message(char type, byte[] body);
    }

    private final Reader reader;
    private byte[] rest = {};
    private boolean typed;

    WireMessages(Reader reader) {
        this.reader = reader;
    }

    /** Whether a byte for the type stands before the length from here on. */
    WireMessages typed(boolean now) {
        typed = now;
        return this;
    }

    void add(byte[] bytes, int begin, int end) {
        byte[] all = Arrays.copyOf(rest, rest.length + end - begin);
        System.arraycopy(bytes, begin, all, rest.length, end - begin);
        int at = 0;
        while (true) {
            int head = typed ? 1 : 0;
            if (all.length - at < head + 4) {
                break;
            }
            int length = integer(all, at + head);
            if (all.length - at < head + length) {
                break;
            }
            char type = typed ? (char) all[at] : 0;
            byte[] body = Arrays.copyOfRange(all, at + head + 4, at + head + length);
            at += head + length;
            reader.message(type, body);
        }
        rest = Arrays.copyOfRange(all, at, all.length);
    }

    static int integer(byte[] bytes, int at) {
        return ByteBuffer.wrap(bytes).getInt(at);
    }
}
