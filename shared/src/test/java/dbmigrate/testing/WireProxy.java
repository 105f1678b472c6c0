package dbmigrate.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * A longer way to a server: what is sent arrives that much later, in either direction. Where the
 * server is PostgreSQL it also counts round trips.
 */
public final class WireProxy implements AutoCloseable {
    private final ServerSocket listening;
    private final InetSocketAddress target;
    private final Duration oneWay;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final List<RoundTrips> connections = new ArrayList<>();

    /**
     * @param listening where callers come, by TLS too
     * @param oneWay half of what it adds to a round trip
     */
    public WireProxy(ServerSocket listening, InetSocketAddress target, Duration oneWay) {
        this.listening = listening;
        this.target = target;
        this.oneWay = oneWay;
        start(this::accept);
    }

    /** Without TLS, and without adding to the way. */
    public static WireProxy to(TestPostgres postgres) throws IOException {
        return to(new InetSocketAddress(postgres.host(), postgres.port()), Duration.ZERO);
    }

    /** Without TLS. */
    public static WireProxy to(InetSocketAddress target, Duration oneWay) throws IOException {
        return new WireProxy(
                new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), target, oneWay);
    }

    public int port() {
        return listening.getLocalPort();
    }

    /** The same URL of the target, by way of this. */
    public String through(String url) {
        String there = "@" + target.getHostString() + ":" + target.getPort() + "/";
        if (!url.contains(there)) {
            throw new IllegalArgumentException("It does not lead to " + target + ".");
        }
        return url.replace(there, "@127.0.0.1:" + port() + "/");
    }

    /**
     * The statements, joined by {@code " ; "}, of each round trip since the last call, one
     * connection after the other.
     */
    public List<String> takenTrips() {
        return taken().stream().flatMap(RoundTrips.Count::texts).toList();
    }

    /** All connections' since the last call. */
    public RoundTrips.Count takenTogether() {
        return taken().stream().reduce(RoundTrips.Count.NONE, RoundTrips.Count::plus);
    }

    /** What has been counted on each connection since the last call. */
    public synchronized List<RoundTrips.Count> taken() {
        return connections.stream().map(RoundTrips::taken).toList();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                connect(listening.accept());
            } catch (IOException e) {
                // Closed, or a caller that is gone again.
            }
        }
    }

    private void connect(Socket caller) throws IOException {
        var callee = new Socket();
        open.add(caller);
        open.add(callee);
        callee.connect(target);
        caller.setTcpNoDelay(true);
        callee.setTcpNoDelay(true);
        var trips = new RoundTrips();
        synchronized (this) {
            connections.add(trips);
        }
        carry(caller, callee, trips::request, (_, _) -> {});
        carry(callee, caller, (_, _) -> {}, trips::answer);
    }

    @FunctionalInterface
    private interface Ear {
        void hear(byte[] bytes, int length);
    }

    private record Chunk(byte[] bytes, long due) {}

    private void carry(Socket from, Socket to, Ear whenRead, Ear beforeWritten) {
        var way = new LinkedBlockingQueue<Chunk>();
        start(() -> {
            byte[] buffer = new byte[64 * 1024];
            try {
                for (int n = from.getInputStream().read(buffer);
                        n >= 0;
                        n = from.getInputStream().read(buffer)) {
                    byte[] bytes = Arrays.copyOf(buffer, n);
                    whenRead.hear(bytes, n);
                    way.add(new Chunk(bytes, System.nanoTime() + oneWay.toNanos()));
                }
            } catch (IOException e) {
                // Cut off.
            }
            way.add(new Chunk(new byte[0], System.nanoTime() + oneWay.toNanos()));
        });
        start(() -> {
            try (from;
                    to) {
                for (var chunk = way.take(); chunk.bytes.length > 0; chunk = way.take()) {
                    for (long rest = chunk.due - System.nanoTime();
                            rest > 0;
                            rest = chunk.due - System.nanoTime()) {
                        LockSupport.parkNanos(rest);
                    }
                    beforeWritten.hear(chunk.bytes, chunk.bytes.length);
                    to.getOutputStream().write(chunk.bytes);
                }
            } catch (IOException e) {
                // Either end is gone, and closing ends the other.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                open.remove(from);
                open.remove(to);
            }
        });
    }

    private static void start(Runnable work) {
        Thread.ofPlatform().daemon().start(work);
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : Set.copyOf(open)) {
            socket.close();
        }
    }
}
