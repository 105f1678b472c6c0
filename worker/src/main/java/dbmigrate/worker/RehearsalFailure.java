package dbmigrate.worker;

import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import dbmigrate.worker.RehearsedMigration.State;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;

/**
 * What a caller may read of the exception that ended Flyway's run of a rehearsal.
 *
 * @param objection which statement of a script would have ended the rehearsal's transaction
 * @param isOver whether the rehearsal's time is over
 * @param describe makes of an exception what a caller may read
 */
record RehearsalFailure(
        WorkerSettings settings,
        AttemptGuard guard,
        Supplier<Optional<String>> objection,
        BooleanSupplier isOver,
        Function<Exception, Failure> describe) {
    /**
     * Says it, and tells the callback that what it had begun has failed.
     *
     * @throws RuntimeException the one that was thrown, where it may pass or the attempt is to stop
     */
    Failure of(RuntimeException e, Flyway flyway, RehearsalCallback callback) {
        if (isOver.getAsBoolean()) {
            Optional<String> script = callback.current().map(MigrationInfo::getScript);
            callback.failed();
            return limitIsOver(settings).withScript(script);
        }
        boolean ours = objection.get().isPresent();
        if (isOutOfTime()) {
            // Another attempt would begin anew, and have no more time.
            callback.failed();
            return outOfTime();
        }
        boolean stops = AttemptStoppedException.in(e).isPresent() || guard.stop().get().isPresent();
        if (stops || !ours && Retries.mayPass(e)) {
            throw e;
        }
        Optional<Failure> quarrel =
                callback.current().isEmpty() && e instanceof FlywayException said
                        ? HistoryFailure.of(said, flyway)
                        : Optional.empty();
        if (quarrel.isPresent()) {
            return quarrel.get();
        }
        Failure failure = described(e, flyway, callback);
        callback.failed();
        return objection
                .get()
                .map(why ->
                        failure.as(FailureCode.TRANSACTION_IN_THE_WAY, why)
                                .withAction(
                                        "Rehearse on a copy (\"on\": \"copy\"), where it may; or take it out of the script."))
                .orElseGet(() -> withThoseNotRun(failure, callback));
    }

    /** The rehearsal's own time is over. */
    static Failure limitIsOver(WorkerSettings settings) {
        return Failure.of(
                FailureCode.REHEARSAL_LIMIT,
                "the rehearsal was cancelled and rolled back after %d ms, the REHEARSAL_LIMIT"
                        .formatted(settings.rehearsalLimit().toMillis()));
    }

    /** The function's time is over. */
    static Failure outOfTime() {
        return Failure.of(
                FailureCode.OUT_OF_TIME,
                "the rehearsal was cancelled before the function's time was over; nothing of it stays");
    }

    private boolean isOutOfTime() {
        return guard.stop().get().map(Stop.TIME_IS_UP::equals).orElseGet(() -> guard.time().isUp());
    }

    private Failure described(RuntimeException e, Flyway flyway, RehearsalCallback callback) {
        Optional<String> uncommitted = uncommitted(flyway, callback);
        uncommitted.ifPresent(_ -> callback.lastFailed());
        return describe.apply(
                callback.current()
                        .map(MigrationInfo::getScript)
                        .or(() -> uncommitted)
                        .<Exception>map(script ->
                                new RunFailedException(
                                        script, Optional.empty(), callback.failedStatement(), e))
                        .orElse(e));
    }

    /** The last one that ran to its end, and whose commit failed: the history has lost it again. */
    private Optional<String> uncommitted(Flyway flyway, RehearsalCallback callback) {
        if (callback.current().isPresent() || objection.get().isPresent()) {
            return Optional.empty();
        }
        return callback.last()
                .filter(last -> last.state() == State.RAN)
                .map(RehearsedMigration::script)
                .filter(script -> AppliedMigrations.find(flyway.info(), script).isEmpty());
    }

    /** What was left out may be what a later one lacks. */
    private static Failure withThoseNotRun(Failure failure, RehearsalCallback callback) {
        String left =
                callback.rehearsed().stream()
                        .filter(one -> one.state() == State.NOT_RUN)
                        .map(RehearsedMigration::script)
                        .collect(Collectors.joining(", "));
        return left.isEmpty()
                ? failure
                : failure.withDetail(
                        failure.detail()
                                + " (it may lack what "
                                + left
                                + " does, which was not run here)");
    }
}
