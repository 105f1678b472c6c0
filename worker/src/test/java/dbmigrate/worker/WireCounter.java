package dbmigrate.worker;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A proxy before a PostgreSQL without TLS that counts round trips: how often a client has sent
 * something and had to wait for the server to be ready again. What is sent while the server still
 * works is no trip of its own, and what opens a session is none.
 *
 * <p>Messages: documentation, "Frontend/Backend Protocol", "Message Formats".
 */
final class WireCounter implements AutoCloseable {
    /** Codes of what a client may send first. */
    private static final int CANCEL_REQUEST = 80877102;

    private static final int SSL_REQUEST = 80877103;

    private final ServerSocket listener;
    private final int server;
    private final List<String> trips = new ArrayList<>();

    /**
     * Listens on a port of the loopback interface.
     *
     * @param server the port there of the PostgreSQL
     */
    WireCounter(int server) throws IOException {
        this.server = server;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("wire-counter").start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Forgets what was counted. */
    synchronized void reset() {
        trips.clear();
    }

    /** What was sent in each round trip, joined by {@code " ; "}. */
    synchronized List<String> trips() {
        return List.copyOf(trips);
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server);
                client.setTcpNoDelay(true);
                upstream.setTcpNoDelay(true);
                Session session = new Session();
                pump(client, upstream, true, session);
                pump(upstream, client, false, session);
            }
        } catch (SocketException e) {
            // Closed.
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void pump(Socket from, Socket to, boolean isClient, Session session) {
        Thread.ofPlatform()
                .daemon()
                .name("wire")
                .start(() -> {
                    try (from;
                            to) {
                        DataInputStream in =
                                new DataInputStream(
                                        new java.io.BufferedInputStream(
                                                from.getInputStream(), 65536));
                        OutputStream out = new BufferedOutputStream(to.getOutputStream(), 65536);
                        if (isClient) {
                            byte[] startup = body(in);
                            if (code(startup) == SSL_REQUEST) {
                                from.getOutputStream().write('N');
                                startup = body(in);
                            }
                            session.isCancel = code(startup) == CANCEL_REQUEST;
                            length(out, startup.length);
                            out.write(startup);
                            out.flush();
                        }
                        while (true) {
                            int type = in.read();
                            if (type < 0) {
                                return;
                            }
                            byte[] body = body(in);
                            if (isClient) {
                                session.sent((char) type, body);
                            } else {
                                session.answered((char) type);
                            }
                            out.write(type);
                            length(out, body.length);
                            out.write(body);
                            if (in.available() == 0) {
                                out.flush();
                            }
                        }
                    } catch (EOFException | SocketException e) {
                        // One of the two has gone.
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
    }

    private static byte[] body(DataInputStream in) throws IOException {
        byte[] body = new byte[in.readInt() - Integer.BYTES];
        in.readFully(body);
        return body;
    }

    private static void length(OutputStream out, int length) throws IOException {
        out.write(
                java.nio.ByteBuffer.allocate(Integer.BYTES).putInt(length + Integer.BYTES).array());
    }

    private static int code(byte[] startup) {
        return java.nio.ByteBuffer.wrap(startup).getInt();
    }

    /** One session's two directions. */
    private final class Session {
        private volatile boolean isCancel;
        private boolean isOpen;
        private int awaited;
        private final List<String> sent = new ArrayList<>();

        private synchronized void sent(char type, byte[] body) {
            if (!isOpen || isCancel) {
                return;
            }
            switch (type) {
                case 'Q' -> sent.add(text(body, 0));
                case 'P' -> sent.add(text(body, end(body, 0) + 1));
                case 'B' -> {
                    String statement = text(body, end(body, 0) + 1);
                    if (!statement.isEmpty()) {
                        sent.add(statement);
                    }
                }
                default -> {}
            }
            if (type == 'Q' || type == 'S') {
                if (awaited++ == 0) {
                    trip(String.join(" ; ", sent));
                } else {
                    joined(String.join(" ; ", sent));
                }
                sent.clear();
            }
        }

        private synchronized void answered(char type) {
            if (type == 'Z') {
                if (isOpen) {
                    awaited--;
                }
                isOpen = true;
            }
        }
    }

    private synchronized void trip(String text) {
        trips.add(text);
    }

    private synchronized void joined(String text) {
        trips.add(trips.removeLast() + " || " + text);
    }

    private static String text(byte[] body, int from) {
        return new String(body, from, end(body, from) - from, StandardCharsets.UTF_8);
    }

    private static int end(byte[] body, int from) {
        int end = from;
        while (body[end] != 0) {
            end++;
        }
        return end;
    }
}
