package dbmigrate.worker;

import dbmigrate.settings.ServerSettings;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/** Settings of which a test changes one and leaves the others. */
final class VariedSettings {
    ServerSettings server;
    int maxAttempts;
    Duration lockTimeout;
    Duration rehearsalLimit;
    boolean failOnWarning;
    Map<String, String> flyway;

    private VariedSettings(WorkerSettings from) {
        this.server = from.server();
        this.maxAttempts = from.maxAttempts();
        this.lockTimeout = from.lockTimeout();
        this.rehearsalLimit = from.rehearsalLimit();
        this.failOnWarning = from.failOnWarning();
        this.flyway = from.flyway();
    }

    /** The same settings, but for what a variation sets. */
    static WorkerSettings of(WorkerSettings from, Consumer<VariedSettings> variation) {
        VariedSettings varied = new VariedSettings(from);
        variation.accept(varied);
        return new WorkerSettings(
                varied.server,
                from.databases(),
                from.queue(),
                from.migrations(),
                varied.maxAttempts,
                varied.lockTimeout,
                varied.rehearsalLimit,
                from.retentionDays(),
                varied.failOnWarning,
                varied.flyway);
    }
}
