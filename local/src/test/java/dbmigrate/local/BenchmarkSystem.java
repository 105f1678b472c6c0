package dbmigrate.local;

import dbmigrate.testing.TestPostgres;
import dbmigrate.testing.WireProxy;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The packaged functions and the control programs, ready to be started on any of several ways to
 * the same PostgreSQL and the same queues.
 */
final class BenchmarkSystem implements AutoCloseable {
    static final TestPostgres POSTGRES = TestPostgres.shared();

    /** Half of the 2 ms that lie between a function and Aurora. */
    private static final Duration ONE_WAY = Duration.ofMillis(1);

    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final String STACK = "benchmark";

    final Way direct;
    final Way delayed;

    /** Empty without openssl. */
    final Optional<Way> tls;

    /** On {@link #delayed}. */
    final WireProxy proxy;

    final BenchmarkMessages messages;
    final CredentialsStart credentials;

    private final Parts parts = new Parts();
    private final Path workspace;
    private final Queues queues;
    private final RuntimeClient client;
    private final Map<String, Path> roots = new HashMap<>();

    /**
     * @param workspace an empty folder
     */
    BenchmarkSystem(Path workspace) throws Exception {
        this.workspace = workspace;
        queues = parts.start(Queues::start);
        client = RuntimeClient.unpack(Main.target().resolve("runtime-client"), workspace);
        var server = new InetSocketAddress(POSTGRES.host(), POSTGRES.port());
        proxy = parts.start(() -> WireProxy.to(server, ONE_WAY));
        direct = plain(POSTGRES.port());
        delayed = plain(proxy.port());
        tls = secure();
        queues.create(template(direct).queues());
        for (var function : template(direct).functions()) {
            roots.put(function.name(), root(function));
        }
        controls();
        Path none = Files.createDirectory(workspace.resolve("none"));
        var router = pool(function(PackagedFunctions.ROUTER, direct, none), 1);
        credentials = parts.start(() -> new CredentialsStart(workspace, client));
        messages = new BenchmarkMessages(queues, router);
    }

    private Way plain(int port) {
        return new Way(queues.endpoint(), "127.0.0.1:" + port, "sslmode=disable", List.of());
    }

    private Optional<Way> secure() throws Exception {
        try {
            var tls = new BenchmarkTls(workspace);
            tls.serve(POSTGRES);
            int port = queues.endpoint().getPort();
            var front =
                    parts.start(() ->
                            new WireProxy(
                                    tls.listen(),
                                    new InetSocketAddress("127.0.0.1", port),
                                    Duration.ZERO));
            return Optional.of(
                    new Way(
                            URI.create("https://localhost:" + front.port()),
                            "localhost:" + POSTGRES.port(),
                            "sslmode=verify-full&sslrootcert=" + tls.root(),
                            List.of(tls.trusting())));
        } catch (IOException | GeneralSecurityException e) {
            System.err.println("Left out, TLS: " + e.getMessage());
            return Optional.empty();
        }
    }

    private static Template template(Way way) {
        return Template.read(
                Main.home().resolve("template.yaml"), Map.of("DatabaseUrl", "x"), way.sqs());
    }

    /** Two functions may be of one package. */
    private Path root(Template.Function function) {
        Path zip = Main.home().resolve(function.codeUri());
        Path root = workspace.resolve(zip.getFileName().toString());
        return Files.exists(root) ? root : Zip.unpack(zip, root);
    }

    private Path unpacked(String function) {
        return Objects.requireNonNull(roots.get(function), function);
    }

    /** Each beside our own package's jar, but for the one that needs no library. */
    private void controls() throws IOException {
        control("EmptyFunction");
        jar("RouterControl", PackagedFunctions.ROUTER);
        jar("WorkerControl", PackagedFunctions.WORKER);
    }

    private void jar(String control, String like) throws IOException {
        Path lib = control(control);
        try (var files = Files.list(unpacked(like).resolve("lib"))) {
            for (Path jar : files.toList()) {
                Files.copy(jar, lib.resolve(jar.getFileName()));
            }
        }
    }

    /** A folder as an unzipped package is one; returned is that of its jars, without any. */
    private Path control(String name) throws IOException {
        Path root = Files.createDirectories(workspace.resolve(name));
        Path classes = Main.target().resolve("test-classes/dbmigrate/local/handler");
        Path into = Files.createDirectories(root.resolve("dbmigrate/local/handler"));
        for (String type : List.of("EmptyFunction", "RouterControl", "WorkerControl", "Sqs")) {
            Files.copy(classes.resolve(type + ".class"), into.resolve(type + ".class"));
        }
        roots.put(name, root);
        return Files.createDirectory(root.resolve("lib"));
    }

    /** A packaged function, by its name in the template. */
    HostedFunction function(String name, Way way, Path migrations) throws IOException {
        var described =
                template(way).functions().stream()
                        .filter(function -> function.name().equals(name))
                        .findFirst()
                        .orElseThrow();
        return hosted(described, way, migrations);
    }

    /** A control program, by the name of its class. */
    HostedFunction control(String name, Way way, Path migrations) throws IOException {
        var like = function(PackagedFunctions.WORKER, way, migrations);
        return hosted(
                new Template.Function(
                        name,
                        "dbmigrate.local.handler." + name,
                        "",
                        PATIENCE,
                        1024,
                        Map.of(
                                "MIGRATION_QUEUE_URL",
                                like.environment().get("MIGRATION_QUEUE_URL"),
                                "JDBC_URL",
                                way.jdbcUrl("postgres")),
                        Set.of(),
                        Optional.empty()),
                way,
                migrations);
    }

    private HostedFunction hosted(Template.Function function, Way way, Path migrations)
            throws IOException {
        var made =
                HostedFunction.of(
                        function,
                        unpacked(function.name()),
                        client,
                        Map.of(
                                "DATABASE_URL", way.databaseUrl(),
                                "ALLOWED_DATABASES", "bench_*",
                                "MIGRATIONS", migrations.toString(),
                                "STACK_NAME", STACK,
                                "AWS_ENDPOINT_URL_SQS", way.sqs().toString()));
        return with(made, way.arguments());
    }

    /** The same function with more arguments for its JVM. */
    static HostedFunction with(HostedFunction function, List<String> arguments) {
        var command = new ArrayList<>(function.command());
        command.addAll(1, arguments);
        return commanded(function, command);
    }

    /** The same function started by another program. */
    static HostedFunction by(HostedFunction function, List<String> program) {
        var command = new ArrayList<>(program);
        command.addAll(function.command());
        return commanded(function, command);
    }

    private static HostedFunction commanded(HostedFunction function, List<String> command) {
        return new HostedFunction(
                function.name(),
                function.arn(),
                PATIENCE,
                function.taskRoot(),
                command,
                function.environment());
    }

    /** Instances that end with this system. */
    FunctionPool pool(HostedFunction function, int maximum) {
        return parts.start(() -> new FunctionPool(function, maximum));
    }

    /** A new database, empty, of a name that callers may name. */
    static String newDatabase() {
        String name = POSTGRES.newName("bench");
        POSTGRES.execute("postgres", "create database " + name);
        return name;
    }

    static void drop(String database) {
        POSTGRES.execute("postgres", "drop database %s with (force)".formatted(database));
    }

    @Override
    public void close() {
        parts.close();
    }
}
