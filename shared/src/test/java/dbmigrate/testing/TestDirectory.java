package dbmigrate.testing;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.function.BiPredicate;

/**
 * An LDAP server that answers one request (RFC 4511, BindRequest with a simple password) by a rule.
 * PostgreSQL asks it where pg_hba.conf says {@code ldap}, and so stands in for RDS, whose PAM
 * module judges tokens: both take the password in the clear, inside TLS, and let another judge it.
 */
public final class TestDirectory implements AutoCloseable {
    private static final int SEQUENCE = 0x30;
    private static final int BIND_REQUEST = 0x60;
    private static final int UNBIND_REQUEST = 0x42;
    private static final byte SUCCESS = 0;
    private static final byte INVALID_CREDENTIALS = 49;

    private final ServerSocket socket;
    private final BiPredicate<String, String> rule;

    private TestDirectory(ServerSocket socket, BiPredicate<String, String> rule) {
        this.socket = socket;
        this.rule = rule;
    }

    /**
     * Starts it.
     *
     * @param rule of the name and the password, by its own threads
     */
    public static TestDirectory start(BiPredicate<String, String> rule) throws IOException {
        TestDirectory started =
                new TestDirectory(new ServerSocket(0, 10, InetAddress.getLoopbackAddress()), rule);
        Thread.ofVirtual().start(started::serve);
        return started;
    }

    /** Where it listens. */
    public int port() {
        return socket.getLocalPort();
    }

    private void serve() {
        while (true) {
            try {
                Socket client = socket.accept();
                Thread.ofVirtual().start(() -> answer(client));
            } catch (SocketException e) {
                return;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void answer(Socket client) {
        try (client) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            while (in.readUnsignedByte() == SEQUENCE) {
                length(in);
                byte[] id = element(in);
                int operation = in.readUnsignedByte();
                length(in);
                if (operation == UNBIND_REQUEST) {
                    return;
                }
                if (operation != BIND_REQUEST) {
                    throw new IOException("not a bind: " + operation);
                }
                element(in);
                String name = new String(element(in), StandardCharsets.UTF_8);
                String password = new String(element(in), StandardCharsets.UTF_8);
                byte code = rule.test(name, password) ? SUCCESS : INVALID_CREDENTIALS;
                respond(client.getOutputStream(), id, code);
            }
        } catch (EOFException e) {
            // PostgreSQL has gone.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** BindResponse: the result's code, no name, no message. */
    private static void respond(OutputStream out, byte[] id, byte code) throws IOException {
        byte[] result = {0x61, 7, 0x0a, 1, code, 0x04, 0, 0x04, 0};
        byte[] head = {SEQUENCE, (byte) (2 + id.length + result.length), 0x02, (byte) id.length};
        out.write(head);
        out.write(id);
        out.write(result);
        out.flush();
    }

    private static byte[] element(DataInputStream in) throws IOException {
        in.readUnsignedByte();
        return in.readNBytes(length(in));
    }

    private static int length(DataInputStream in) throws IOException {
        int first = in.readUnsignedByte();
        int length = first < 0x80 ? first : 0;
        for (int i = 0; first >= 0x80 && i < (first & 0x7f); i++) {
            length = length << 8 | in.readUnsignedByte();
        }
        return length;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
