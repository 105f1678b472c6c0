package dbmigrate.worker;

import dbmigrate.log.Log;
import dbmigrate.process.Answer;
import dbmigrate.process.Attempt;
import dbmigrate.process.Attempts;
import dbmigrate.process.Claim;
import dbmigrate.process.EndedProcess;
import dbmigrate.process.Failure;
import dbmigrate.process.ProcessConnection;
import dbmigrate.process.Retention;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * The end of an attempt:
 *
 * <ol>
 *   <li>what came of it is written to the row, if it is still this attempt's;
 *   <li>where that ended the process, its metrics are written to the log;
 *   <li>and processes that ended too long ago are deleted.
 * </ol>
 */
record AttemptEnd(WorkerSettings settings, ProcessConnection rows, Claim.Claimed claimed, Log log) {
    /**
     * Writes an ending.
     *
     * @return the ending, or that another attempt has taken over
     * @throws SQLException when the row could not be written
     */
    Ending written(Ending ending) throws SQLException {
        Attempts attempts = new Attempts(rows);
        Attempt attempt = claimed.attempt();
        return switch (ending) {
            case Ending.Completed(Optional<String> version) ->
                    ended(
                            ending,
                            attempts.complete(attempt, version),
                            version.map(now -> log.with("version", now)).orElse(log));
            case Ending.Answered(Answer answer) ->
                    ended(ending, answer.write(rows, attempt), told(answer));
            case Ending.Failed(Failure failure) ->
                    ended(
                            ending,
                            attempts.fail(attempt, failure),
                            log.with("code", failure.code()).with("detail", failure.detail()));
            case Ending.Canceled(Optional<Failure> halfDone) ->
                    ended(ending, attempts.cancel(attempt, halfDone), log);
            case Ending.GivenBack(String reason, Optional<Failure> failure, Duration pause) -> {
                if (!attempts.release(attempt, reason, failure)) {
                    yield superseded();
                }
                failure.map(cause -> log.with("code", cause.code()))
                        .orElse(log)
                        .with("reason", reason)
                        .with("pauseMs", pause.toMillis())
                        .info("given back");
                yield ending;
            }
            case Ending.Superseded() -> superseded();
        };
    }

    private Log told(Answer answer) {
        return answer.failure()
                .map(failure -> log.with("code", failure.code()).with("detail", failure.detail()))
                .orElse(log);
    }

    private Ending ended(Ending ending, Optional<EndedProcess> process, Log told) {
        if (process.isEmpty()) {
            return superseded();
        }
        told.with("state", process.get().state())
                .with("durationMs", process.get().took().toMillis())
                .info("process ended");
        log.metrics(process.get().metrics(settings.server().stackName()));
        applyRetention();
        return ending;
    }

    private Ending superseded() {
        log.warn("another attempt has taken over; this one writes nothing");
        return new Ending.Superseded();
    }

    /** The process has its end, whatever becomes of the old ones. */
    private void applyRetention() {
        try {
            int deleted =
                    new Retention(rows, settings.server().stackName(), settings.retentionDays())
                            .apply();
            if (deleted > 0) {
                log.with("processes", deleted).info("old processes deleted");
            }
        } catch (SQLException | RuntimeException e) {
            log.warn("old processes could not be deleted; the next end tries again", e);
        }
    }
}
