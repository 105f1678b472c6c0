package dbmigrate.local;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What a local run is told.
 *
 * @param home the project's folder, in which template.yaml and the packages stand
 * @param port of the HTTP front; 0 for a free one
 * @param migrations the folder of the SQL
 * @param databaseUrl a running server's; empty for an embedded one
 * @param functionTimeout in place of every function's own time-out
 * @param memory in MB, in place of every function's own
 * @param auth how callers prove who they are
 * @param handedOn variables that go to the functions beside the template's
 * @param watchParent whether the end of the parent process ends the run
 */
record LocalOptions(
        Path home,
        int port,
        Path migrations,
        Optional<String> databaseUrl,
        Optional<Duration> functionTimeout,
        OptionalInt memory,
        ApiAuth auth,
        Map<String, String> handedOn,
        boolean watchParent) {

    static final String USAGE =
            """
            java -jar local/target/local.jar [option]...
              --port N                    the HTTP front's port, 0 for a free one (default 3000)
              --migrations DIR            the folder of the SQL (default: the project's migrations)
              --database-url URL          a running PostgreSQL server (default: $DATABASE_URL, else an embedded one)
              --function-timeout SECONDS  every function's time-out (default: template.yaml's)
              --memory MB                 every function's memory (default: template.yaml's)
              --auth WAY                  none (default): nobody is asked; iam: signed with $AWS_ACCESS_KEY_ID and
                                          $AWS_SECRET_ACCESS_KEY; github-oidc: tokens; api-key: $API_KEY_SECRET_ARN
              --oidc-audience TEXT        github-oidc: whom a token must be for
              --oidc-issuer URL           github-oidc: whose tokens (default: GitHub's)
              --oidc-keys URL             github-oidc: its key set (default: where the issuer's own document says)
              --watch-parent              end when the parent process does
              --help                      this text
            An option's value may follow a "=" too; an empty one means the default, but for --auth.
            """;

    private static final Set<String> WITH_VALUE =
            Set.of(
                    "port",
                    "migrations",
                    "database-url",
                    "function-timeout",
                    "memory",
                    "auth",
                    "oidc-audience",
                    "oidc-issuer",
                    "oidc-keys");

    /** The SDK's own variable: where it is set, that server's queues are used. */
    private static final String QUEUE_SERVER = "AWS_ENDPOINT_URL_SQS";

    /** The functions' own variables that local hands on; FLYWAY_* besides. */
    private static final Set<String> HANDED_ON =
            Set.of(
                    "ALLOWED_DATABASES",
                    "ALLOWED_PLACEHOLDERS",
                    "API_KEY_SECRET_ARN",
                    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
                    "CREATE_BY_GLOB",
                    "DATABASE_SECRET_ARN",
                    "DB_TYPE",
                    "GITHUB_ENVIRONMENTS",
                    "GITHUB_REFS",
                    "GITHUB_REPOSITORY_IDS",
                    "FAIL_ON_WARNING",
                    "LOCK_TIMEOUT",
                    "MAX_ATTEMPTS",
                    "MAX_WAITERS",
                    "MIGRATION_QUEUE_URL",
                    "PERMISSIONS",
                    "PROCESS_DATABASE",
                    "REHEARSAL_LIMIT",
                    "STACK_NAME",
                    QUEUE_SERVER);

    LocalOptions {
        home = home.toAbsolutePath().normalize();
        migrations = migrations.toAbsolutePath().normalize();
        handedOn = Map.copyOf(handedOn);
    }

    /**
     * Reads the command line.
     *
     * @param home the project's folder
     * @param environment local's own
     * @throws UsageException naming the option that is unknown or has a wrong value
     */
    static LocalOptions parse(Path home, Map<String, String> environment, String... args) {
        var given = split(args);
        return new LocalOptions(
                home,
                number(given, "port", 0, 65535).orElse(3000),
                Path.of(given.getOrDefault("migrations", home.resolve("migrations").toString())),
                Optional.ofNullable(given.get("database-url"))
                        .or(() -> Optional.ofNullable(environment.get("DATABASE_URL")))
                        .filter(url -> !url.isBlank()),
                boxed(number(given, "function-timeout", 1, 900)).map(Duration::ofSeconds),
                number(given, "memory", 128, 10240),
                ApiAuth.of(given, environment),
                handedOn(environment),
                given.containsKey("watch-parent"));
    }

    /** The function with these options' limits in place of its own. */
    Template.Function override(Template.Function function) {
        return new Template.Function(
                function.name(),
                function.handler(),
                function.codeUri(),
                functionTimeout.orElse(function.timeout()),
                memory.orElse(function.memory()),
                function.environment(),
                function.withheld(),
                function.reserved());
    }

    /** A running queue server that has the template's queues; empty for one of this run's own. */
    Optional<URI> queueServer() {
        return Optional.ofNullable(handedOn.get(QUEUE_SERVER))
                .filter(url -> !url.isBlank())
                .map(URI::create);
    }

    private static Map<String, String> split(String... args) {
        var given = new LinkedHashMap<String, String>();
        for (int i = 0; i < args.length; i++) {
            String[] parts = args[i].split("=", 2);
            String name = parts[0].startsWith("--") ? parts[0].substring(2) : "";
            if (name.equals("watch-parent") && parts.length == 1) {
                given.put(name, "");
            } else if (!WITH_VALUE.contains(name)) {
                throw new UsageException("There is no option \"%s\".".formatted(parts[0]));
            } else if (parts.length == 1 && ++i == args.length) {
                throw new UsageException("The option --%s needs a value.".formatted(name));
            } else {
                String value = parts.length == 2 ? parts[1] : args[i];
                // Who forgets to fill in who may come in does not mean everybody.
                if (!value.isEmpty() || name.equals("auth")) {
                    given.put(name, value);
                }
            }
        }
        return given;
    }

    private static OptionalInt number(Map<String, String> given, String name, int from, int to) {
        String value = given.get(name);
        if (value == null) {
            return OptionalInt.empty();
        }
        if (!value.matches("\\d{1,9}")
                || Integer.parseInt(value) < from
                || Integer.parseInt(value) > to) {
            throw new UsageException(
                    "The option --%s takes a number from %d to %d, not \"%s\"."
                            .formatted(name, from, to, value));
        }
        return OptionalInt.of(Integer.parseInt(value));
    }

    private static Optional<Integer> boxed(OptionalInt number) {
        return number.isPresent() ? Optional.of(number.getAsInt()) : Optional.empty();
    }

    private static Map<String, String> handedOn(Map<String, String> environment) {
        var handedOn = new LinkedHashMap<>(environment);
        handedOn.keySet()
                .removeIf(name -> !HANDED_ON.contains(name) && !name.startsWith("FLYWAY_"));
        return handedOn;
    }

    /** Without the database's URL, which holds a password. */
    @Override
    public String toString() {
        return "LocalOptions[home=%s, port=%d, migrations=%s]".formatted(home, port, migrations);
    }

    /** The command line cannot be understood. */
    static final class UsageException extends RuntimeException {
        UsageException(String message) {
            super(Objects.requireNonNull(message));
        }
    }
}
