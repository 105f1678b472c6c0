package dbmigrate.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands between a client and the server, and counts how often the client waits for an answer: what
 * it sends until the server answers is one round trip.
 */
public final class RoundTripCounter implements AutoCloseable {
    private final TestPostgres postgres;
    private final ServerSocket front;
    private final AtomicInteger roundTrips = new AtomicInteger();

    private RoundTripCounter(TestPostgres postgres, ServerSocket front) {
        this.postgres = postgres;
        this.front = front;
    }

    public static RoundTripCounter start(TestPostgres postgres) throws IOException {
        var front = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        var counter = new RoundTripCounter(postgres, front);
        Thread.ofVirtual().start(counter::accept);
        return counter;
    }

    /** The same URL, by way of this. */
    public String url(String database) {
        return postgres.url(database)
                .replace(
                        "@" + postgres.host() + ":" + postgres.port() + "/",
                        "@127.0.0.1:" + front.getLocalPort() + "/");
    }

    /** How many there were since the last call. */
    public int taken() {
        return roundTrips.getAndSet(0);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = front.accept();
                Socket server = new Socket(postgres.host(), postgres.port());
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                var answered = new AtomicBoolean(true);
                Thread.ofVirtual().start(() -> carry(client, server, answered, true));
                Thread.ofVirtual().start(() -> carry(server, client, answered, false));
            }
        } catch (IOException e) {
            // It is closed.
        }
    }

    private void carry(Socket from, Socket to, AtomicBoolean answered, boolean question) {
        byte[] buffer = new byte[8192];
        try (from;
                to) {
            for (int read = from.getInputStream().read(buffer);
                    read > 0;
                    read = from.getInputStream().read(buffer)) {
                if (answered.getAndSet(!question) && question) {
                    roundTrips.incrementAndGet();
                }
                to.getOutputStream().write(buffer, 0, read);
            }
        } catch (IOException e) {
            // One side has gone, and the other one goes too.
        }
    }

    @Override
    public void close() throws IOException {
        front.close();
    }
}
