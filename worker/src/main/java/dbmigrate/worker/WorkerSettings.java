package dbmigrate.worker;

import dbmigrate.settings.AllowedDatabases;
import dbmigrate.settings.Environment;
import dbmigrate.settings.QueueSettings;
import dbmigrate.settings.ServerSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the worker takes from its environment.
 *
 * @param queue where the messages come from; empty for what takes none
 * @param migrations the folder of the SQL
 * @param maxAttempts after so many attempts that failed or died a process is FAILED
 * @param lockTimeout how long a migration may wait for a lock before it is rolled back and tried
 *     again
 * @param rehearsalLimit how long a rehearsal on the target may take, and hold its locks
 * @param retentionDays how long a process that has ended is kept
 * @param failOnWarning whether a migration is refused while one of its warnings is not accepted
 * @param flyway Flyway's own variables, {@code FLYWAY_*}
 */
record WorkerSettings(
        ServerSettings server,
        AllowedDatabases databases,
        Optional<QueueSettings> queue,
        Path migrations,
        int maxAttempts,
        Duration lockTimeout,
        Duration rehearsalLimit,
        int retentionDays,
        boolean failOnWarning,
        Map<String, String> flyway) {
    /** Where the migrations layer unpacks. */
    private static final Path LAYER = Path.of("/opt/migrations");

    private static final int MAX_ATTEMPTS = 5;
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration REHEARSAL_LIMIT = Duration.ofSeconds(10);
    private static final int RETENTION_DAYS = 90;

    /** PostgreSQL's own way to write a time: a number of milliseconds, or one with its unit. */
    private static final Pattern TIME = Pattern.compile("(\\d{1,9})\\s*(ms|s|min)?");

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
        return read(environment, QueueSettings.read(environment));
    }

    /** Reads the settings of what takes no message from the queue, as {@link #read} does. */
    static WorkerSettings withoutQueue(Map<String, String> variables) {
        return read(new Environment(variables), Optional.empty());
    }

    private static WorkerSettings read(Environment environment, Optional<QueueSettings> queue) {
        Optional<ServerSettings> server = ServerSettings.read(environment);
        Optional<AllowedDatabases> databases =
                server.map(known -> AllowedDatabases.read(environment, known));
        Optional<Integer> maxAttempts =
                environment.parsed("MAX_ATTEMPTS", WorkerSettings::positive);
        Optional<Duration> lockTimeout = environment.parsed("LOCK_TIMEOUT", WorkerSettings::time);
        Optional<Duration> rehearsalLimit =
                environment.parsed("REHEARSAL_LIMIT", WorkerSettings::positiveTime);
        Optional<Integer> retention =
                environment.parsed("PROCESS_RETENTION_DAYS", WorkerSettings::positive);
        boolean failOnWarning = environment.flag("FAIL_ON_WARNING");
        Map<String, String> flyway = environment.startingWith("FLYWAY_");
        FlywayVariables.refused(flyway).forEach(environment::problem);
        environment.verify();
        return new WorkerSettings(
                server.orElseThrow(),
                databases.orElseThrow(),
                queue,
                environment.text("MIGRATIONS").map(Path::of).orElse(LAYER),
                maxAttempts.orElse(MAX_ATTEMPTS),
                lockTimeout.orElse(LOCK_TIMEOUT),
                rehearsalLimit.orElse(REHEARSAL_LIMIT),
                retention.orElse(RETENTION_DAYS),
                failOnWarning,
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

    /** The application waits for a rehearsal's locks: it cannot last for ever. */
    private static Duration positiveTime(String text) {
        Duration time = time(text);
        if (time.isZero()) {
            throw new IllegalArgumentException("must be longer than 0");
        }
        return time;
    }

    private static Duration time(String text) {
        Matcher time = TIME.matcher(text.strip());
        if (!time.matches()) {
            throw new IllegalArgumentException("must be a time such as 5s, 500ms or 1min");
        }
        long number = Long.parseLong(time.group(1));
        return switch (String.valueOf(time.group(2))) {
            case "s" -> Duration.ofSeconds(number);
            case "min" -> Duration.ofMinutes(number);
            default -> Duration.ofMillis(number);
        };
    }
}
