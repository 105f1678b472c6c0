package dbmigrate.worker;

import dbmigrate.settings.AllowedDatabases;
import dbmigrate.settings.Environment;
import dbmigrate.settings.ServerSettings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What the worker takes from its environment.
 *
 * @param migrations the folder of the SQL
 * @param maxAttempts after so many attempts that failed or died a process is FAILED
 * @param flyway Flyway's own variables, {@code FLYWAY_*}
 * @param region the AWS region of the queue, given explicitly: finding it out costs a cold start
 */
record WorkerSettings(
        ServerSettings server,
        AllowedDatabases databases,
        String queueUrl,
        String region,
        Path migrations,
        int maxAttempts,
        Map<String, String> flyway) {
    /** Where the migrations layer unpacks. */
    private static final Path LAYER = Path.of("/opt/migrations");

    private static final int MAX_ATTEMPTS = 5;

    WorkerSettings {
        flyway = Map.copyOf(flyway);
    }

    /**
     * Reads the settings.
     *
     * @throws dbmigrate.settings.InvalidEnvironmentException that names every missing or wrong
     *     variable
     */
    static WorkerSettings read(Map<String, String> variables) {
        Environment environment = new Environment(variables);
        Optional<ServerSettings> server = ServerSettings.read(environment);
        Optional<AllowedDatabases> databases =
                server.map(known -> AllowedDatabases.read(environment, known));
        Optional<String> queueUrl = environment.required("MIGRATION_QUEUE_URL", url -> url);
        Optional<String> region = environment.required("AWS_REGION", name -> name);
        Optional<Integer> maxAttempts =
                environment.parsed("MAX_ATTEMPTS", WorkerSettings::positive);
        Map<String, String> flyway = environment.startingWith("FLYWAY_");
        FlywayVariables.refused(flyway).forEach(environment::problem);
        environment.verify();
        return new WorkerSettings(
                server.orElseThrow(),
                databases.orElseThrow(),
                queueUrl.orElseThrow(),
                region.orElseThrow(),
                environment.text("MIGRATIONS").map(Path::of).orElse(LAYER),
                maxAttempts.orElse(MAX_ATTEMPTS),
                flyway);
    }

    private static int positive(String text) {
        try {
            int number = Integer.parseInt(text.strip());
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("must be a whole number from 1 on", e);
        }
        throw new IllegalArgumentException("must be a whole number from 1 on");
    }
}
