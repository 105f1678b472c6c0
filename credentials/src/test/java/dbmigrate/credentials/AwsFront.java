package dbmigrate.credentials;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import dbmigrate.testing.MotoServer;
import dbmigrate.testing.RdsStub;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * AWS for many functions of one JVM at once: Secrets Manager is moto's, RDS is {@link RdsStub}. The
 * region in the signature tells whose call it is; moto is told its own.
 */
final class AwsFront implements AutoCloseable {
    /** Whose wire and database a region stands for. */
    record Side(Wire wire, RdsStub database) {}

    private static final Pattern SCOPE =
            Pattern.compile("Credential=([^/]+/\\d+)/([a-z0-9-]+)/([a-z]+)/aws4_request");
    private static final Pattern PASSWORD =
            Pattern.compile(
                    "(?:password\\\\?\":\\s?\\\\?\"|RandomPassword\":\\s?\"|MasterUserPassword=)([^\"\\\\&]+)");

    private static final Wire.Refusal WRITTEN =
            new Wire.Refusal(
                    400, "ResourceExistsException", "the version exists with another text", 1);

    private final Map<String, Side> sides = new ConcurrentHashMap<>();
    private final Map<String, String> texts = new ConcurrentHashMap<>();
    private final Set<String> passwords = ConcurrentHashMap.newKeySet();
    private final HttpClient http = HttpClient.newHttpClient();
    private final HttpServer server;
    private final MotoServer moto;

    AwsFront(MotoServer moto) throws IOException {
        this.moto = moto;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::serve);
        server.start();
        String endpoint = "http://127.0.0.1:" + server.getAddress().getPort();
        System.setProperty("aws.endpointUrlSecretsManager", endpoint);
        System.setProperty("aws.endpointUrlRds", endpoint);
        System.setProperty("aws.accessKeyId", "test");
        System.setProperty("aws.secretAccessKey", "test");
    }

    void add(String region, Side side) {
        sides.put(region, side);
    }

    /** Every password that went through here, in whatever direction. */
    Set<String> passwords() {
        return Set.copyOf(passwords);
    }

    private void serve(HttpExchange exchange) throws IOException {
        String authorization =
                String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        Matcher scope = SCOPE.matcher(authorization);
        if (!scope.find()) {
            throw new IOException("no signature: " + authorization);
        }
        Side side = Objects.requireNonNull(sides.get(scope.group(2)), scope.group(2));
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        remember(body);
        boolean isRds = scope.group(3).equals("rds");
        Map<String, String> form = isRds ? RdsStub.form(body) : Map.of();
        String target = String.valueOf(exchange.getRequestHeaders().getFirst("X-Amz-Target"));
        String action =
                isRds
                        ? "rds:" + form.get("Action")
                        : "secretsmanager:" + target.substring(target.indexOf('.') + 1);
        if (side.wire().isCut()) {
            exchange.close();
            return;
        }
        Optional<Wire.Refusal> refusal = side.wire().note(action);
        Optional<String> replacement = side.wire().replacement(action);
        pause(side.wire().delay());
        RdsStub.Answer answer;
        if (refusal.isPresent()) {
            answer = refused(isRds, refusal.get());
        } else if (replacement.isPresent()) {
            answer = new RdsStub.Answer(200, replacement.get());
        } else if (isRds) {
            answer = side.database().answer(form);
        } else if (action.equals("secretsmanager:PutSecretValue") && isWrittenOtherwise(body)) {
            answer = refused(false, WRITTEN);
        } else {
            answer =
                    moto(
                            target,
                            scope.replaceFirst("Credential=$1/eu-west-1/$3/aws4_request"),
                            body);
        }
        remember(answer.xml());
        if (side.wire().isLost(action)) {
            exchange.close();
            return;
        }
        byte[] bytes = answer.xml().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders()
                .set("Content-Type", isRds ? "text/xml" : "application/x-amz-json-1.1");
        exchange.sendResponseHeaders(answer.status(), bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    /** A version keeps its text, as Secrets Manager says; moto overwrites one that is pending. */
    private boolean isWrittenOtherwise(String body) throws IOException {
        try {
            JsonObject put = JsonObject.of(Json.read(body));
            String version =
                    put.string("SecretId").orElseThrow()
                            + put.string("ClientRequestToken").orElseThrow();
            String text = put.string("SecretString").orElseThrow();
            return !text.equals(Objects.requireNonNullElse(texts.putIfAbsent(version, text), text));
        } catch (MalformedJsonException e) {
            throw new IOException(e);
        }
    }

    private static void pause(Duration time) throws IOException {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static RdsStub.Answer refused(boolean isRds, Wire.Refusal refusal) {
        return isRds
                ? RdsStub.Answer.error(refusal.status(), refusal.code(), refusal.message())
                : new RdsStub.Answer(
                        refusal.status(),
                        "{\"__type\":\"%s\",\"Message\":\"%s\"}"
                                .formatted(refusal.code(), refusal.message()));
    }

    private RdsStub.Answer moto(String target, String authorization, String body)
            throws IOException {
        try {
            HttpResponse<String> answer =
                    http.send(
                            HttpRequest.newBuilder(moto.endpoint())
                                    .header("X-Amz-Target", target)
                                    .header("Content-Type", "application/x-amz-json-1.1")
                                    .header("Authorization", authorization)
                                    .POST(BodyPublishers.ofString(body))
                                    .build(),
                            BodyHandlers.ofString());
            return new RdsStub.Answer(answer.statusCode(), answer.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private void remember(String text) {
        PASSWORD.matcher(text)
                .results()
                .map(found -> URLDecoder.decode(found.group(1), StandardCharsets.UTF_8))
                .forEach(passwords::add);
    }

    @Override
    public void close() {
        server.stop(0);
        http.close();
        for (String name : new String[] {"aws.endpointUrlSecretsManager", "aws.endpointUrlRds"}) {
            System.clearProperty(name);
        }
    }
}
