package dbmigrate.local;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedTransferQueue;

/** Lambda's Runtime API (version 2018-06-01) for one instance of one function. */
final class RuntimeApi implements AutoCloseable {
    private static final String ROOT = "/2018-06-01/runtime/";
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpServer server;
    private final String functionArn;
    private final Duration timeout;
    private final LinkedTransferQueue<Invocation> waiting = new LinkedTransferQueue<>();
    private final Map<String, Invocation> running = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<Void> snapshot = new CompletableFuture<>();
    private final CompletableFuture<Void> restored = new CompletableFuture<>();
    private volatile Optional<String> initError = Optional.empty();

    RuntimeApi(String functionArn, Duration timeout) throws IOException {
        this.functionArn = functionArn;
        this.timeout = timeout;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool(Threads::daemon));
        server.createContext(ROOT, this::handle);
        server.start();
    }

    /** The value of AWS_LAMBDA_RUNTIME_API. */
    String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /**
     * Gives the runtime this event when it next asks for one. The first one restores what waits at
     * its snapshot.
     */
    void offer(Invocation invocation) {
        restored.complete(null);
        waiting.add(invocation);
    }

    /** Completed when the runtime first asks for an event: its handler is loaded. */
    CompletableFuture<Void> ready() {
        return ready;
    }

    /** What the runtime said of a handler that could not be made. */
    Optional<String> initError() {
        return initError;
    }

    /** Completed when the runtime has run its hooks and Lambda would take the snapshot. */
    CompletableFuture<Void> snapshot() {
        return snapshot;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath().substring(ROOT.length());
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (path.equals("invocation/next")) {
                handOver(exchange);
                return;
            }
            if (path.equals("restore/next")) {
                snapshot.complete(null);
                restored.join();
                exchange.sendResponseHeaders(200, -1);
                return;
            }
            if (path.equals("init/error") || path.equals("restore/error")) {
                initError = Optional.of(summary(body));
            } else {
                String[] parts = path.split("/");
                var invocation = parts.length == 3 ? running.remove(parts[1]) : null;
                if (invocation == null) {
                    exchange.sendResponseHeaders(404, -1);
                    return;
                }
                invocation.outcome.complete(
                        parts[2].equals("response")
                                ? new Outcome.Answered(body)
                                : new Outcome.Failed(summary(body)));
            }
            // The runtime client takes no other status for success.
            exchange.sendResponseHeaders(202, -1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void handOver(HttpExchange exchange) throws IOException, InterruptedException {
        ready.complete(null);
        Invocation invocation = waiting.take();
        running.put(invocation.id, invocation);
        var headers = exchange.getResponseHeaders();
        // Without a content type the runtime client's native code crashes.
        headers.set("Content-Type", "application/json");
        headers.set("Lambda-Runtime-Aws-Request-Id", invocation.id);
        headers.set("Lambda-Runtime-Invoked-Function-Arn", functionArn);
        headers.set(
                "Lambda-Runtime-Deadline-Ms",
                Long.toString(System.currentTimeMillis() + timeout.toMillis()));
        headers.set("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000");
        invocation.taken.complete(null);
        exchange.sendResponseHeaders(200, invocation.event.length);
        exchange.getResponseBody().write(invocation.event);
    }

    /**
     * Type and message of Lambda's error document; the stack trace is in the function's own log.
     */
    private static String summary(byte[] error) throws IOException {
        var document = JSON.readTree(error);
        return document.path("errorType").asText("Error")
                + ": "
                + document.path("errorMessage").asText();
    }

    @Override
    public void close() {
        // Nobody waits for a restore that does not come.
        restored.complete(null);
        server.stop(0);
    }
}
