package dbmigrate.testing;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Secrets Manager on this machine: {@code moto_server} of the Python package {@code moto[server]},
 * the one that {@code -Dtest.moto=} names, or else one on the PATH.
 */
public final class MotoServer implements AutoCloseable {
    private static final String NAMED = System.getProperty("test.moto", "");
    private static final String REGION = "eu-west-1";
    private static final Pattern SECRET_STRING =
            Pattern.compile("\"SecretString\": \"((?:[^\"\\\\]|\\\\.)*)\"");

    private static final Pattern UNICODE = Pattern.compile("\\\\u([0-9a-f]{4})");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<String, String> pending = new ConcurrentHashMap<>();
    private final Map<String, String> current = new ConcurrentHashMap<>();
    private final Process process;
    private final URI endpoint;
    private final Thread hook;

    private MotoServer(Process process, int port) {
        this.process = process;
        this.endpoint = URI.create("http://127.0.0.1:" + port);
        this.hook = new Thread(process::destroyForcibly, "moto-end");
    }

    /**
     * Starts a server.
     *
     * @param test is left out, by name, where there is no program and none was named
     */
    public static MotoServer start(Class<?> test) throws IOException, InterruptedException {
        Optional<Path> program = program();
        if (program.isEmpty()) {
            String reason =
                    "%s is left out: it needs moto_server (pip install 'moto[server]==5.2.1'), on the PATH or named by -Dtest.moto=; .ci/run has it"
                            .formatted(test.getSimpleName());
            System.out.println(reason);
            return abort(reason);
        }
        int port = freePort();
        Process process =
                new ProcessBuilder(
                                program.get().toString(),
                                "-H",
                                "127.0.0.1",
                                "-p",
                                Integer.toString(port))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        MotoServer server = new MotoServer(process, port);
        Runtime.getRuntime().addShutdownHook(server.hook);
        server.awaitAnswer();
        return server;
    }

    /** Where it listens; the SDK takes it from AWS_ENDPOINT_URL_SECRETS_MANAGER. */
    public URI endpoint() {
        return endpoint;
    }

    /** Has the SDK's clients that are made in this JVM from now on ask this server. */
    public void serveThisJvm() {
        System.setProperty("aws.endpointUrlSecretsManager", endpoint.toString());
        System.setProperty("aws.accessKeyId", "test");
        System.setProperty("aws.secretAccessKey", "test");
    }

    /** The text of a secret as RDS makes it. */
    public static String ofRds(String user, String password) {
        return object(Map.of("username", user, "password", password));
    }

    /** Makes a secret of a text; returns its ARN. */
    public String secret(String text) {
        return created("SecretString", text);
    }

    /** Makes a secret of bytes; returns its ARN. */
    public String binarySecret(String base64) {
        return created("SecretBinary", base64);
    }

    /** A rotation's first step: a new version is AWSPENDING. */
    public void stage(String arn, String text) {
        pending.put(arn, put(arn, text, "AWSPENDING"));
    }

    /** A rotation's last step: what is AWSPENDING is AWSCURRENT, too. */
    public void promote(String arn) {
        String version = pending.remove(arn);
        String old = current.put(arn, version);
        call(
                "UpdateSecretVersionStage",
                object(
                        Map.of(
                                "SecretId", arn,
                                "VersionStage", "AWSCURRENT",
                                "MoveToVersionId", version,
                                "RemoveFromVersionId", old)));
    }

    /** Gives a secret another text at once. */
    public void set(String arn, String text) {
        stage(arn, text);
        promote(arn);
    }

    /** The text of the version that has a label. */
    public String text(String arn, String stage) {
        String answer =
                call("GetSecretValue", object(Map.of("SecretId", arn, "VersionStage", stage)));
        Matcher text = SECRET_STRING.matcher(answer);
        if (!text.find()) {
            throw new IllegalStateException("moto: no text of " + stage);
        }
        return UNICODE.matcher(text.group(1))
                .replaceAll(c ->
                        Matcher.quoteReplacement(
                                Character.toString(Integer.parseInt(c.group(1), 16))))
                .translateEscapes();
    }

    /** The password in the version that has a label, where no character of it is escaped. */
    public String password(String arn, String stage) {
        return between(text(arn, stage).replace("\": \"", "\":\""), "\"password\":\"", "\"");
    }

    /** Marks a secret for deletion. */
    public void delete(String arn) {
        call("DeleteSecret", object(Map.of("SecretId", arn)));
    }

    /** Gives a secret another current text, and leaves what is AWSPENDING as it is. */
    public void setCurrent(String arn, String text) {
        String version = put(arn, text, "OTHER");
        call(
                "UpdateSecretVersionStage",
                object(
                        Map.of(
                                "SecretId",
                                arn,
                                "VersionStage",
                                "AWSCURRENT",
                                "MoveToVersionId",
                                version,
                                "RemoveFromVersionId",
                                Objects.requireNonNull(current.put(arn, version)))));
    }

    /** From now on everybody needs a permission, and this JVM runs as a user that has none. */
    public void permitNothing() {
        iam("Action=CreateUser&UserName=nobody&Version=2010-05-08");
        String key = iam("Action=CreateAccessKey&UserName=nobody&Version=2010-05-08");
        System.setProperty("aws.accessKeyId", between(key, "<AccessKeyId>", "<"));
        System.setProperty("aws.secretAccessKey", between(key, "<SecretAccessKey>", "<"));
        send(request("/moto-api/reset-auth", "iam", "0").header("Content-Type", "text/plain"));
    }

    private String created(String member, String content) {
        String version = UUID.randomUUID().toString();
        String answer =
                call(
                        "CreateSecret",
                        object(
                                Map.of(
                                        "Name",
                                        "test/" + UUID.randomUUID(),
                                        "ClientRequestToken",
                                        version,
                                        member,
                                        content)));
        String arn = between(answer, "\"ARN\": \"", "\"");
        current.put(arn, version);
        return arn;
    }

    /** Which version is current by now. */
    void promoted(String arn, String version) {
        current.put(arn, version);
    }

    private String put(String arn, String text, String stage) {
        String version = UUID.randomUUID().toString();
        String members =
                object(
                        Map.of(
                                "SecretId",
                                arn,
                                "ClientRequestToken",
                                version,
                                "SecretString",
                                text));
        call(
                "PutSecretValue",
                members.replaceFirst("}$", ",\"VersionStages\":[\"%s\"]}".formatted(stage)));
        return version;
    }

    /** Calls Secrets Manager. */
    String call(String action, String json) {
        return send(
                request("/", "secretsmanager", json)
                        .header("X-Amz-Target", "secretsmanager." + action)
                        .header("Content-Type", "application/x-amz-json-1.1"));
    }

    /** Calls IAM. */
    String iam(String form) {
        return send(
                request("/", "iam", form)
                        .header("Content-Type", "application/x-www-form-urlencoded"));
    }

    /** The server looks for the service's name here, and checks no signature. */
    HttpRequest.Builder request(String path, String service, String body) {
        return HttpRequest.newBuilder(endpoint.resolve(path))
                .header(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=test/20260101/%s/%s/aws4_request, SignedHeaders=host, Signature=none"
                                .formatted(REGION, service))
                .POST(BodyPublishers.ofString(body));
    }

    String send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
            if (answer.statusCode() / 100 != 2) {
                throw new IllegalStateException("moto: " + answer.statusCode() + answer.body());
            }
            return answer.body();
        } catch (IOException e) {
            throw new IllegalStateException("moto does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while moto is asked", e);
        }
    }

    private void awaitAnswer() throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                http.send(HttpRequest.newBuilder(endpoint).build(), BodyHandlers.discarding());
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    close();
                    throw new IllegalStateException("moto_server does not start", e);
                }
            }
            Thread.sleep(100);
        }
    }

    private static Optional<Path> program() {
        if (!NAMED.isEmpty()) {
            return Optional.of(Path.of(NAMED));
        }
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "moto_server"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    static String object(Map<String, String> members) {
        return members.entrySet().stream()
                .map(member -> quoted(member.getKey()) + ":" + quoted(member.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String quoted(String text) {
        return text.chars()
                .mapToObj(c ->
                        Character.isLetterOrDigit(c) && c < 128
                                ? Character.toString(c)
                                : "\\u%04x".formatted(c))
                .collect(Collectors.joining("", "\"", "\""));
    }

    private static String between(String text, String before, String after) {
        Matcher found =
                Pattern.compile(Pattern.quote(before) + "(.*?)" + Pattern.quote(after))
                        .matcher(text);
        if (!found.find()) {
            throw new IllegalStateException("moto: " + text);
        }
        return found.group(1);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        http.close();
    }
}
