package dbmigrate.local;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * API Gateway's HTTP API: makes an event of each request and gives it to the function of its route.
 */
final class HttpFront implements AutoCloseable {
    private static final int BODY_LIMIT = 10 * 1024 * 1024;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(Threads::daemon);

    private HttpFront(HttpServer server) {
        this.server = server;
        server.setExecutor(threads);
    }

    /**
     * Takes the port, and lets callers wait until {@link #serve}.
     *
     * @throws LocalException where the port is taken
     */
    static HttpFront bind(int port) {
        try {
            return new HttpFront(
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0));
        } catch (IOException e) {
            throw new LocalException(
                    "Port %d of 127.0.0.1 cannot be used: end what listens there, or choose another with --port (0 for a free one)."
                            .formatted(port),
                    e);
        }
    }

    /**
     * Answers callers from now on.
     *
     * @param functions by their names, which the routes know
     * @param authorizer is asked before a route that is guarded
     */
    void serve(
            List<Template.Route> routes,
            Map<String, FunctionPool> functions,
            Authorizer authorizer) {
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        send(exchange, answer(exchange, routes, functions, authorizer));
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        server.start();
    }

    String baseUrl() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private GatewayAnswer answer(
            HttpExchange exchange,
            List<Template.Route> routes,
            Map<String, FunctionPool> functions,
            Authorizer authorizer)
            throws IOException, InterruptedException {
        byte[] body = exchange.getRequestBody().readNBytes(BODY_LIMIT + 1);
        if (body.length > BODY_LIMIT) {
            exchange.getRequestBody().skip(Long.MAX_VALUE);
            return GatewayAnswer.message(413, "Request Entity Too Large");
        }
        var request =
                new GatewayRequest(
                        exchange.getRequestMethod(),
                        exchange.getRequestURI(),
                        exchange.getRequestHeaders(),
                        exchange.getRemoteAddress().getAddress().getHostAddress(),
                        body);
        var route = request.route(routes);
        if (route.isEmpty()) {
            return GatewayAnswer.message(404, "Not Found");
        }
        var function = functions.get(route.get().function());
        if (function == null) {
            return GatewayAnswer.message(500, "Internal Server Error");
        }
        var now = Instant.now();
        var verdict =
                route.get().guarded()
                        ? authorizer.judge(request, route.get(), now)
                        : new Authorizer.Verdict.Admitted(Map.of());
        return switch (verdict) {
            case Authorizer.Verdict.Refused(var refusal) -> refusal;
            case Authorizer.Verdict.Admitted(var identity) ->
                    invoke(
                            function,
                            GatewayEvent.of(request, route.get(), now).forIntegration(identity));
        };
    }

    private GatewayAnswer invoke(FunctionPool function, byte[] event) throws InterruptedException {
        var invocation = CompletableFuture.supplyAsync(() -> outcome(function, event), threads);
        try {
            return GatewayAnswer.of(invocation.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            // The function goes on, as it does on Lambda.
            return GatewayAnswer.message(503, "Service Unavailable");
        } catch (ExecutionException e) {
            return GatewayAnswer.message(500, "Internal Server Error");
        }
    }

    private static Outcome outcome(FunctionPool function, byte[] event) {
        try {
            return function.invoke(event, LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome.Throttled();
        }
    }

    private static void send(HttpExchange exchange, GatewayAnswer answer) throws IOException {
        var headers = exchange.getResponseHeaders();
        answer.headers().forEach(headers::put);
        boolean bodiless =
                exchange.getRequestMethod().equals("HEAD")
                        || answer.status() == 204
                        || answer.status() == 304;
        // 0 would mean "chunked" to this server, -1 is its way to say that there is no body.
        exchange.sendResponseHeaders(
                answer.status(), bodiless || answer.body().length == 0 ? -1 : answer.body().length);
        if (!bodiless && answer.body().length > 0) {
            exchange.getResponseBody().write(answer.body());
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
