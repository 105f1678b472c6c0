package dbmigrate.credentials;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executors;

/**
 * CloudFormation's bucket: it takes what S3 takes with a presigned URL whose signature holds no
 * Content-Type, and what CloudFormation can read.
 */
final class ResponseBucket implements AutoCloseable {
    private static final String SIGNATURE = "X-Amz-Signature=0a1b2c3d%2Fsigned";

    /** In place of a status: from then on it looks at what comes. */
    static final int LOOK = 0;

    private final HttpServer server;
    private final Wire wire;
    private final List<JsonObject> taken = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();
    private final List<String> bodies = new ArrayList<>();

    /** What it answers before it looks; the last one for ever. */
    final Deque<Integer> statuses = new ArrayDeque<>();

    /** How long it takes to answer. */
    volatile Duration delay = Duration.ZERO;

    ResponseBucket(Wire wire) throws IOException {
        this.wire = wire;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::serve);
        server.start();
    }

    String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    String url() {
        return "http://%s/arn%%3Aaws%%3Acloudformation/answer?%s".formatted(host(), SIGNATURE);
    }

    /** The answers that it took. */
    synchronized List<JsonObject> taken() {
        return List.copyOf(taken);
    }

    /** Why it refused others, where they were at fault. */
    synchronized List<String> refused() {
        return List.copyOf(refused);
    }

    /** All that came, to the letter. */
    synchronized List<String> bodies() {
        return List.copyOf(bodies);
    }

    private void serve(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        if (wire.isCut()) {
            exchange.close();
            return;
        }
        try {
            Thread.sleep(delay);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        exchange.sendResponseHeaders(status(exchange, body), -1);
        exchange.close();
    }

    private synchronized int status(HttpExchange exchange, byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        bodies.add(text);
        if (!statuses.isEmpty() && statuses.peek() != LOOK) {
            return statuses.size() == 1 ? statuses.peek() : statuses.pop();
        }
        var headers = exchange.getRequestHeaders();
        List<String> faults = new ArrayList<>();
        if (!exchange.getRequestMethod().equals("PUT")) {
            faults.add(exchange.getRequestMethod());
        }
        if (headers.containsKey("Content-Type")) {
            faults.add("Content-Type " + headers.get("Content-Type"));
        }
        if (!String.valueOf(body.length).equals(headers.getFirst("Content-Length"))) {
            faults.add("Content-Length " + headers.get("Content-Length"));
        }
        if (headers.containsKey("Transfer-Encoding") || headers.containsKey("Upgrade")) {
            faults.add("another transfer");
        }
        if (!SIGNATURE.equals(exchange.getRequestURI().getRawQuery())) {
            faults.add("another signature");
        }
        if (body.length > 4096) {
            faults.add(body.length + " bytes");
        }
        try {
            taken.add(JsonObject.of(Json.read(text)));
        } catch (MalformedJsonException e) {
            faults.add("no JSON");
        }
        refused.addAll(faults);
        return faults.isEmpty() ? 200 : 403;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
