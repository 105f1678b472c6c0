package dbmigrate.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * A network that loses connections without a word: unlike {@link TcpProxy} it can lose those that
 * stand while new ones pass, so that a new worker meets what the old one left on the server.
 *
 * <p>The server's side of a lost connection is closed after {@link #KEEPALIVE}, for the proxy's own
 * kernel would answer the keepalives and time-outs that db-migrate's sessions ask the server for.
 * The caller's side stays as it is: nobody tells a caller that waits for an answer.
 */
final class FaultNetwork implements AutoCloseable {
    /** tcp_keepalives_idle + tcp_keepalives_count * tcp_keepalives_interval of a session. */
    private static final Duration KEEPALIVE = Duration.ofSeconds(11);

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final int target;
    private volatile boolean dark;
    private volatile boolean healed;

    /** Connects to this port. */
    FaultNetwork(int target) throws IOException {
        this.target = target;
        Thread.ofPlatform().daemon().name("fault-network").start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** What stands now passes nothing any more, in neither direction, and is not closed. */
    void loseWhatStands() {
        links.forEach(Link::lose);
    }

    /** So does everything that comes, until {@link #heal}. */
    void goDark() {
        dark = true;
        loseWhatStands();
    }

    /** What comes passes; whoever writes to a lost connection learns that it is gone. */
    void heal() {
        healed = true;
        dark = false;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket caller = server.accept();
                var callee = new Socket();
                var link = new Link(caller, callee);
                links.add(link);
                if (dark) {
                    link.lose();
                } else {
                    callee.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
                    Thread.ofVirtual().start(() -> link.pump(callee, caller));
                }
                Thread.ofVirtual().start(() -> link.pump(caller, callee));
            } catch (IOException e) {
                // Closed, or nobody listens behind: the caller sees its connection close.
                links.stream()
                        .filter(link -> !link.callee.isConnected() && !link.lost)
                        .forEach(Link::close);
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        links.forEach(Link::close);
    }

    private final class Link {
        private final Socket caller;
        private final Socket callee;
        private volatile boolean lost;

        Link(Socket caller, Socket callee) {
            this.caller = caller;
            this.callee = callee;
        }

        void lose() {
            lost = true;
            Thread.ofVirtual()
                    .start(() -> {
                        LockSupport.parkNanos(KEEPALIVE.toNanos());
                        try {
                            callee.close();
                        } catch (IOException e) {
                            // It was closed.
                        }
                    });
        }

        void pump(Socket from, Socket to) {
            byte[] buffer = new byte[16 * 1024];
            try {
                for (int n = from.getInputStream().read(buffer);
                        n >= 0;
                        n = from.getInputStream().read(buffer)) {
                    if (!lost) {
                        to.getOutputStream().write(buffer, 0, n);
                    } else if (healed) {
                        close();
                    }
                }
            } catch (IOException e) {
                // Either end is gone.
            }
            // The end of a lost connection does not reach the other side either.
            if (!lost) {
                close();
            }
        }

        void close() {
            links.remove(this);
            try (caller;
                    callee) {
                // Closing is all.
            } catch (IOException e) {
                // It was closed.
            }
        }
    }
}
