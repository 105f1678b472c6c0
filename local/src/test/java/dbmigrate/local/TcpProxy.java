package dbmigrate.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** A network in the middle of a TCP connection, which a test can break. */
final class TcpProxy implements AutoCloseable {
    private static final String NEVER = "\0 never sent";

    private final int port;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicReference<String> lost = new AtomicReference<>(NEVER);
    private volatile InetSocketAddress target =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private volatile boolean silent;
    private volatile Instant awake = Instant.MIN;
    private volatile ServerSocket server;
    private volatile Socket keptPort = new Socket();
    private volatile Thread accepting;

    TcpProxy() throws IOException {
        server = listening(0);
        port = server.getLocalPort();
        accepting = accept(server);
    }

    int port() {
        return port;
    }

    void to(String host, int targetPort) {
        target = new InetSocketAddress(host, targetPort);
    }

    /** Nobody listens any more, and what was open is cut. */
    void refuse() throws IOException, InterruptedException {
        server.close();
        // As long as it waits for callers the port is in use.
        accepting.join();
        keptPort = new Socket();
        keptPort.setReuseAddress(true);
        keptPort.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        cut();
    }

    /** Connections stand and can be made, and nothing passes. */
    void fallSilent() {
        silent = true;
    }

    /** Connections can be made, and nothing passes until that long from now. */
    void sleepFor(Duration time) {
        awake = Instant.now().plus(time);
    }

    /** Works again; what was open before is gone. */
    void heal() throws IOException {
        silent = false;
        awake = Instant.MIN;
        lost.set(NEVER);
        cut();
        if (server.isClosed()) {
            keptPort.close();
            server = listening(port);
            accepting = accept(server);
        }
    }

    /**
     * The next request that holds this text arrives, and its answer does not: the connection
     * breaks.
     */
    void loseAnswerTo(String text) {
        lost.set(text);
    }

    private static ServerSocket listening(int port) throws IOException {
        var server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return server;
    }

    private Thread accept(ServerSocket on) {
        return Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    while (!on.isClosed()) {
                        try {
                            connect(on.accept());
                        } catch (IOException e) {
                            // Closed, or a caller that is gone again.
                        }
                    }
                });
    }

    private void connect(Socket caller) throws IOException {
        open.add(caller);
        var callee = new Socket();
        open.add(callee);
        var answerIsLost = new AtomicBoolean();
        if (!silent) {
            try {
                callee.connect(target);
            } catch (IOException e) {
                caller.close();
                throw e;
            }
        }
        pump(caller, callee, answerIsLost, true);
        if (callee.isConnected()) {
            pump(callee, caller, answerIsLost, false);
        }
    }

    private void pump(Socket from, Socket to, AtomicBoolean answerIsLost, boolean request) {
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    byte[] buffer = new byte[64 * 1024];
                    try (from;
                            to) {
                        for (int n = from.getInputStream().read(buffer);
                                n >= 0;
                                n = from.getInputStream().read(buffer)) {
                            waitUntilAwake();
                            if (silent) {
                                continue;
                            }
                            if (request && isLost(new String(buffer, 0, n, ISO_8859_1))) {
                                answerIsLost.set(true);
                            }
                            if (!request && answerIsLost.get()) {
                                return;
                            }
                            OutputStream out = to.getOutputStream();
                            out.write(buffer, 0, n);
                        }
                    } catch (IOException e) {
                        // Either end is gone, and closing ends the other.
                    } finally {
                        open.remove(from);
                        open.remove(to);
                    }
                });
    }

    private void waitUntilAwake() {
        while (Instant.now().isBefore(awake)) {
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private boolean isLost(String sent) {
        String text = lost.get();
        return sent.contains(text) && lost.compareAndSet(text, NEVER);
    }

    private void cut() {
        for (Socket socket : Set.copyOf(open)) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        keptPort.close();
        cut();
    }
}
