package dbmigrate.local;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * The complete system on this machine.
 *
 * <ol>
 *   <li>The front takes its port, so that a port in use is known first.
 *   <li>A workspace, the database server, the queue server.
 *   <li>The template is read, with the values these have here; its queues are made, or are there.
 *   <li>Each function's package is unpacked, and its pool is ready to start instances.
 *   <li>The mappings poll, the front serves, and GET /health goes through a function.
 * </ol>
 */
final class LocalSystem implements AutoCloseable {
    /** Instances of a function whose concurrency the template does not limit. */
    private static final int INSTANCES = 8;

    private final Parts parts;
    private final HttpFront front;
    private final Database database;
    private final Queues queues;
    private final ApiAuth auth;
    private final Map<String, FunctionPool> functions = new HashMap<>();

    static {
        // Without it each answer of the JDK's server to the runtime client waits 40 ms for an
        // acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    /**
     * Starts everything and proves that it works.
     *
     * @throws LocalException where something does not start; nothing is left then
     */
    static LocalSystem start(LocalOptions options) {
        return start(options, new Parts());
    }

    static LocalSystem start(LocalOptions options, Parts parts) {
        try {
            return new LocalSystem(options, parts);
        } catch (RuntimeException e) {
            parts.close();
            throw e;
        }
    }

    private LocalSystem(LocalOptions options, Parts parts) {
        this.parts = parts;
        auth = options.auth();
        front = parts.start(() -> HttpFront.bind(options.port()));
        var given = options.databaseUrl().map(Database.Given::new);
        var workspace = parts.start(Workspace::create);
        database =
                parts.start(() ->
                        given.isPresent()
                                ? given.get()
                                : Database.Embedded.start(workspace.make("postgres")));
        queues = parts.start(() -> options.queueServer().map(Queues::at).orElseGet(Queues::start));
        var template =
                Template.read(
                        options.home().resolve("template.yaml"), parameters(), queues.endpoint());
        queues.create(template.queues());
        host(template, options, workspace);
        template.mappings().forEach(this::play);
        front.serve(template.routes(), functions, authorizer());
        proveHealthy();
    }

    private Map<String, String> parameters() {
        var parameters = new HashMap<>(auth.parameters());
        parameters.put("DatabaseUrl", database.url());
        return parameters;
    }

    private Authorizer authorizer() {
        return switch (auth) {
            case ApiAuth.None _ -> (_, _, _) -> new Authorizer.Verdict.Admitted(Map.of());
            case ApiAuth.Iam iam -> new SignatureAuthorizer(iam);
            case ApiAuth.GithubOidc oidc ->
                    new TokenAuthorizer(oidc, parts.start(() -> new KeySet(oidc)));
            case ApiAuth.ApiKey _ -> FunctionAuthorizer.of(functions);
        };
    }

    private void host(Template template, LocalOptions options, Workspace workspace) {
        var environment = new HashMap<>(auth.defaults());
        environment.putAll(options.handedOn());
        environment.put("DATABASE_URL", database.url());
        environment.put("MIGRATIONS", options.migrations().toString());
        environment.put("AWS_ENDPOINT_URL_SQS", queues.endpoint().toString());
        environment.putAll(auth.variables());
        requireEncodable(environment);
        try {
            var client =
                    RuntimeClient.unpack(
                            Main.target().resolve("runtime-client"), workspace.folder());
            for (var function : template.functions()) {
                Path taskRoot =
                        Zip.unpack(
                                options.home().resolve(function.codeUri()),
                                workspace.make(function.name()));
                var hosted =
                        HostedFunction.of(
                                options.override(function), taskRoot, client, environment);
                functions.put(
                        function.name(),
                        parts.start(() -> new FunctionPool(hosted, instances(function, template))));
            }
        } catch (IOException e) {
            throw new LocalException("The functions cannot be unpacked.", e);
        }
    }

    /**
     * In the C locale the JVM reads and writes variables as ASCII, and replaces the rest silently.
     */
    private static void requireEncodable(Map<String, String> environment) {
        boolean unicode = "UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding"));
        environment.forEach((name, value) -> {
            if (!unicode && !value.chars().allMatch(c -> c < 128)) {
                throw new LocalException(
                        "%s holds characters that this locale has not: set LC_ALL=C.UTF-8."
                                .formatted(name));
            }
        });
    }

    private static int instances(Template.Function function, Template template) {
        return function.reserved()
                .orElseGet(() ->
                        template.mappings().stream()
                                .filter(m -> m.function().equals(function.name()))
                                .map(Template.Mapping::maximumConcurrency)
                                .reduce(Integer::sum)
                                .orElse(INSTANCES));
    }

    private void play(Template.Mapping mapping) {
        var function =
                Objects.requireNonNull(functions.get(mapping.function()), mapping.function());
        parts.start(() ->
                EventSourceMapping.start(
                        mapping, function, queues.sqs(), queues.url(mapping.queue())));
    }

    private void proveHealthy() {
        try (var http = HttpClient.newHttpClient()) {
            var health =
                    http.send(
                            HttpRequest.newBuilder(URI.create(baseUrl() + "/health")).build(),
                            BodyHandlers.ofString());
            if (health.statusCode() != 200) {
                throw new LocalException(
                        "GET /health answers %d %s: look at what the functions print above."
                                .formatted(health.statusCode(), health.body()));
            }
        } catch (IOException e) {
            throw new LocalException("GET /health is not answered.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException("Interrupted while starting.");
        }
    }

    /** Where the HTTP front listens: http://127.0.0.1:PORT. */
    String baseUrl() {
        return front.baseUrl();
    }

    /** How callers prove who they are. */
    ApiAuth auth() {
        return auth;
    }

    /** What the functions get as DATABASE_URL. */
    String databaseUrl() {
        return database.url();
    }

    /** The embedded server's URL; empty where another was given. */
    Optional<String> embeddedDatabaseUrl() {
        return database instanceof Database.Embedded
                ? Optional.of(database.url())
                : Optional.empty();
    }

    /** The queue server's address. */
    URI queueEndpoint() {
        return queues.endpoint();
    }

    /**
     * The URL of a queue.
     *
     * @param queue its name in the template, with .fifo where it is one
     */
    String queueUrl(String queue) {
        return queues.url(queue);
    }

    /** A client of the queue server. */
    SqsClient sqs() {
        return queues.sqs();
    }

    /** The process ids of the instances of a function that live now. */
    List<Long> pids(String function) {
        return Objects.requireNonNull(functions.get(function), function).pids();
    }

    @Override
    public void close() {
        parts.close();
    }
}
