package dbmigrate.database;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/**
 * Says so much of PostgreSQL's protocol (documentation, "Frontend/Backend Protocol") to clients of
 * this machine that a driver goes through a login and a statement, and lets nobody have either.
 *
 * <ol>
 *   <li>The first session is asked for its password (SCRAM-SHA-256), which is refused: 28P01.
 *   <li>The second is let in without one, and its first statement is refused: 0A000.
 * </ol>
 */
final class RefusingServer implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 2_000;
    private static final int SASL = 10;
    private static final int SASL_CONTINUE = 11;
    private static final int OK = 0;
    private static final byte[] READY = message('Z', new byte[] {'I'});

    private final ServerSocket socket;
    private final Thread thread;

    private RefusingServer(ServerSocket socket) {
        this.socket = socket;
        this.thread = Thread.ofPlatform().daemon().name("refusing-server").unstarted(this::serve);
    }

    static RefusingServer start() throws IOException {
        ServerSocket socket = new ServerSocket(0, 2, InetAddress.getLoopbackAddress());
        socket.setSoTimeout(PATIENCE_MILLIS);
        RefusingServer server = new RefusingServer(socket);
        server.thread.start();
        return server;
    }

    int port() {
        return socket.getLocalPort();
    }

    private void serve() {
        try {
            try (Socket first = accepted()) {
                refusePassword(
                        new DataInputStream(first.getInputStream()),
                        new DataOutputStream(first.getOutputStream()));
            }
            try (Socket second = accepted()) {
                refuseStatement(
                        new DataInputStream(second.getInputStream()),
                        new DataOutputStream(second.getOutputStream()));
            }
        } catch (IOException e) {
            // The driver, which sees its connection end, says so to its caller.
        }
    }

    private Socket accepted() throws IOException {
        Socket client = socket.accept();
        client.setSoTimeout(PATIENCE_MILLIS);
        return client;
    }

    private static void refusePassword(DataInputStream in, DataOutputStream out)
            throws IOException {
        read(in);
        out.write(message('R', number(SASL), text("SCRAM-SHA-256"), new byte[1]));
        in.readByte();
        String first = read(in);
        String nonce = first.substring(first.indexOf(",r=") + 1);
        String salted = nonce + "0,s=bm9ib2R5,i=4096";
        out.write(message('R', number(SASL_CONTINUE), salted.getBytes(StandardCharsets.US_ASCII)));
        in.readByte();
        read(in);
        out.write(refusal("28P01"));
    }

    private static void refuseStatement(DataInputStream in, DataOutputStream out)
            throws IOException {
        read(in);
        out.write(message('R', number(OK)));
        out.write(message('S', text("server_version"), text("18.0")));
        out.write(message('S', text("client_encoding"), text("UTF8")));
        out.write(READY);
        for (int type = in.read(); type >= 0; type = in.read()) {
            read(in);
            // What the driver itself sets comes in a simple query, the caller's in an extended one.
            if (type == 'Q') {
                out.write(message('C', text("SET")));
                out.write(READY);
            } else if (type == 'S') {
                out.write(refusal("0A000"));
                out.write(READY);
            }
        }
    }

    /** What is left of a message: a length that counts itself, and the rest. */
    private static String read(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt() - Integer.BYTES), StandardCharsets.ISO_8859_1);
    }

    private static byte[] refusal(String sqlState) {
        return message('E', text("SERROR"), text("C" + sqlState), text("Mrefused"), new byte[1]);
    }

    private static byte[] message(char type, byte[]... parts) {
        int length = Integer.BYTES + Stream.of(parts).mapToInt(part -> part.length).sum();
        ByteBuffer message = ByteBuffer.allocate(1 + length).put((byte) type).putInt(length);
        Stream.of(parts).forEach(message::put);
        return message.array();
    }

    private static byte[] number(int number) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    }

    private static byte[] text(String text) {
        return (text + '\0').getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
