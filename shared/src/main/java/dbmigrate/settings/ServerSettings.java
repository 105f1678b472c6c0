package dbmigrate.settings;

import dbmigrate.database.DatabaseType;
import dbmigrate.database.DatabaseUrl;
import dbmigrate.database.OwnerRole;
import dbmigrate.database.SecretCredentials;
import java.util.Optional;

/**
 * What every function knows of the server and of itself.
 *
 * @param url the database that {@code DATABASE_URL} names, on whose server everything happens
 * @param processDatabase the maintenance database, where the process rows live
 * @param stackName whose rows these are; rows of other stacks are invisible
 */
public record ServerSettings(DatabaseUrl url, String processDatabase, String stackName) {
    /** The design's default for {@code PROCESS_DATABASE}. */
    public static final String DEFAULT_PROCESS_DATABASE = "postgres";

    /**
     * Reads {@code DATABASE_URL}, {@code DATABASE_AUTH}, {@code DATABASE_SECRET_ARN}, {@code
     * DATABASE_OWNER_ROLE}, {@code DB_TYPE}, {@code PROCESS_DATABASE} and {@code STACK_NAME}.
     * Neither is the secret read nor a token made.
     */
    public static Optional<ServerSettings> read(Environment environment) {
        boolean isIam = isIam(environment);
        Optional<SecretCredentials> secret =
                environment.parsed("DATABASE_SECRET_ARN", SecretCredentials::of);
        if (isIam && environment.text("DATABASE_SECRET_ARN").isPresent()) {
            environment.problem(
                    "DATABASE_SECRET_ARN is of no use with DATABASE_AUTH=iam, where tokens take the password's place; set one of them");
        }
        Optional<DatabaseUrl> url =
                environment.required(
                        "DATABASE_URL",
                        text ->
                                isIam
                                        ? DatabaseUrl.parse(text)
                                                .withTokens(environment.text("AWS_REGION"))
                                        : secret.map(known -> DatabaseUrl.parse(text, known))
                                                .orElseGet(() -> DatabaseUrl.parse(text)));
        url.ifPresent(known -> refuseProxy(environment, known));
        Optional<OwnerRole> owner =
                environment.parsed("DATABASE_OWNER_ROLE", text -> new OwnerRole(text.strip()));
        readType(environment);
        String processDatabase =
                environment.text("PROCESS_DATABASE").orElse(DEFAULT_PROCESS_DATABASE);
        String stackName = environment.text("STACK_NAME").orElse("db-migrate");
        return url.map(value -> owner.map(value::withOwnerRole).orElse(value))
                .map(value -> new ServerSettings(value, processDatabase, stackName));
    }

    /** The maintenance database's own address. */
    public DatabaseUrl processUrl() {
        return url.withDatabase(processDatabase);
    }

    private static boolean isIam(Environment environment) {
        return environment
                .parsed(
                        "DATABASE_AUTH",
                        value ->
                                switch (value.strip()) {
                                    case "iam" -> true;
                                    case "password" -> false;
                                    default ->
                                            throw new IllegalArgumentException(
                                                    "must be password or iam");
                                })
                .orElse(false);
    }

    /** Only PostgreSQL is supported so far, and a wrong type is refused by name. */
    private static void readType(Environment environment) {
        Optional<String> type = environment.text("DB_TYPE");
        environment
                .text("DATABASE_URL")
                .ifPresent(url ->
                        environment.parsed("DB_TYPE", ignored -> DatabaseType.of(type, url)));
    }

    private static void refuseProxy(Environment environment, DatabaseUrl url) {
        if (url.hosts().stream().anyMatch(host -> host.name().contains(".proxy-"))) {
            environment.problem(
                    "DATABASE_URL names an RDS Proxy, which breaks the session's locks that keep two runs"
                            + " apart; name the cluster's writer endpoint");
        }
    }
}
