package dbmigrate.process;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A process as its row tells it.
 *
 * @param attempt how many attempts have begun
 * @param total how many migrations this process has to apply, once that is known
 * @param stale whether it has not ended and has had no sign of life for a minute
 * @param result what a command other than migrate found or did, as JSON
 * @param warnings what a migration was warned of, as a JSON array
 * @param fingerprint of the request, to compare with another under the same idempotency key
 */
public record MigrationProcess(
        UUID id,
        String command,
        String database,
        ProcessState state,
        int attempt,
        Optional<String> requestedBy,
        Instant requestedAt,
        Optional<Instant> startedAt,
        Optional<Instant> finishedAt,
        boolean databaseCreated,
        Optional<String> schemaBefore,
        Optional<String> schemaNow,
        Optional<Integer> total,
        Optional<CurrentMigration> current,
        List<SettledMigration> migrations,
        List<EndedAttempt> attempts,
        Optional<Failure> error,
        Optional<String> result,
        Optional<String> warnings,
        String fingerprint,
        boolean stale) {
    public MigrationProcess {
        migrations = List.copyOf(migrations);
        attempts = List.copyOf(attempts);
    }

    /** How many migrations were applied. */
    public long applied() {
        return migrations.stream().filter(migration -> migration.state().equals("applied")).count();
    }

    /**
     * The migration that runs now.
     *
     * @param activity what it does at this moment, once that was seen
     */
    public record CurrentMigration(
            Optional<String> version,
            String description,
            String script,
            Instant startedAt,
            Optional<Activity> activity) {}

    /**
     * A migration that was applied or failed; {@code state} is {@code applied} or {@code failed}.
     */
    public record SettledMigration(
            Optional<String> version,
            String description,
            String script,
            String state,
            Instant startedAt,
            long durationMs) {}

    /** An attempt that ended without ending the process, and why. */
    public record EndedAttempt(
            int attempt,
            Instant startedAt,
            Instant endedAt,
            String reason,
            Optional<Failure> error) {}
}
