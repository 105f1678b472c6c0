package dbmigrate.worker;

import dbmigrate.database.SqlState;
import dbmigrate.log.Log;
import dbmigrate.process.Claim;
import dbmigrate.process.Failure;
import dbmigrate.worker.RehearsedMigration.State;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;

/**
 * Flyway's run of a rehearsal:
 *
 * <ol>
 *   <li>Flyway says what is pending, and runs it for all it knows.
 *   <li>Before a migration that cannot be rehearsed it is stopped; the history that it sees is told
 *       that the migration is applied, and it is started again.
 *   <li>It ends with the last one, or with the first that fails; those behind it are not reached.
 * </ol>
 *
 * @param objection which statement of a script would have ended the rehearsal's transaction
 * @param isOver whether the rehearsal's time is over
 * @param describe makes of an exception what a caller may read
 */
record RehearsalRun(
        WorkerSettings settings,
        Claim.Claimed claimed,
        AttemptGuard guard,
        RehearsalPlace place,
        Supplier<Optional<String>> objection,
        BooleanSupplier isOver,
        Function<Exception, Failure> describe,
        Log log) {
    /** Nobody waits long behind a rehearsal. */
    private static final Duration LONGEST_LOCK_TIMEOUT = Duration.ofSeconds(1);

    /** unsafe_new_enum_value_usage */
    private static final String NEW_ENUM_VALUE = "55P04";

    /**
     * What came of it.
     *
     * @param before the pending migrations, as they stood before it
     * @param migrations each of them, in Flyway's order
     */
    record Outcome(
            MigrationInfoService before,
            List<RehearsedMigration> migrations,
            Optional<Failure> failure) {}

    /**
     * Runs what is pending.
     *
     * @param flywaysOwn the connection for Flyway
     * @param plain the same one, or the one that it decorates
     */
    Outcome on(Connection flywaysOwn, Connection plain) throws SQLException {
        SingleConnection single = new SingleConnection(flywaysOwn);
        FlywayConfiguration configuration = new FlywayConfiguration(settings, claimed.request());
        FlywayHistory history = FlywayHistory.of(plain, configuration.read());
        RehearsalCallback callback =
                new RehearsalCallback(guard, lockTimeout(settings), place, history.table(), log);
        Flyway flyway = configuration.flyway(single, callback);
        Optional<Failure> callbacks =
                new ScriptCallbacks(configuration.read())
                        .refusal()
                        .or(() -> new EndlessCopy(configuration.read()).inCallbacks());
        if (callbacks.isPresent()) {
            MigrationInfoService seen =
                    configuration.withoutCallbacks(single, Optional.empty(), true).info();
            // Flyway would read a pending one of that kind for ever, too.
            List<RehearsedMigration> notReached =
                    EndlessCopy.inPending(seen).isPresent() ? List.of() : whole(List.of(), seen);
            return new Outcome(seen, notReached, callbacks);
        }
        MigrationInfoService info = flyway.info();
        Optional<Failure> refused = MigrationRun.refused(flyway, info);
        if (refused.isPresent()) {
            return new Outcome(info, List.of(), refused);
        }
        Optional<Failure> failure = migrated(flyway, history, callback);
        return new Outcome(info, whole(callback.rehearsed(), info), failure);
    }

    private Optional<Failure> migrated(
            Flyway flyway, FlywayHistory history, RehearsalCallback callback) throws SQLException {
        while (true) {
            try {
                flyway.migrate();
                return Optional.empty();
            } catch (RuntimeException e) {
                Optional<String> skipped = skipped(e, callback);
                if (skipped.isEmpty()) {
                    return Optional.of(
                            new RehearsalFailure(settings, guard, objection, isOver, describe)
                                    .of(e, flyway, callback));
                }
                MigrationInfo migration = callback.current().orElseThrow();
                callback.notRun(skipped.get());
                history.pretend(migration);
            }
        }
    }

    /** Why the migration that was begun is left out, where that is what the exception says. */
    private Optional<String> skipped(RuntimeException e, RehearsalCallback callback) {
        if (callback.current().isEmpty() || isOver.getAsBoolean()) {
            return Optional.empty();
        }
        boolean byOneTransaction =
                !place.isScratch()
                        && SqlState.of(e).filter(NEW_ENUM_VALUE::equals).isPresent()
                        && callback.hasAddedEnumValues()
                        && !callback.currentAddsEnumValues();
        return byOneTransaction
                ? Optional.of(
                        "it uses a new value of an enum that an earlier migration adds: in the one transaction of a rehearsal that is refused")
                : Failures.in(e, NotRehearsedException.class).map(NotRehearsedException::reason);
    }

    private List<RehearsedMigration> whole(
            List<RehearsedMigration> rehearsed, MigrationInfoService info) {
        Set<String> known =
                rehearsed.stream().map(RehearsedMigration::script).collect(Collectors.toSet());
        List<RehearsedMigration> all = new ArrayList<>(rehearsed);
        Arrays.stream(info.pending())
                .filter(one -> !known.contains(one.getScript()))
                .map(one ->
                        new RehearsedMigration(
                                one,
                                State.NOT_REACHED,
                                MigrationScript.isTransactional(one),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()))
                .forEach(all::add);
        return all;
    }

    /** How long a statement may wait for a lock. */
    static Duration lockTimeout(WorkerSettings settings) {
        Duration configured = settings.lockTimeout();
        return configured.isZero() || configured.compareTo(LONGEST_LOCK_TIMEOUT) > 0
                ? LONGEST_LOCK_TIMEOUT
                : configured;
    }
}
