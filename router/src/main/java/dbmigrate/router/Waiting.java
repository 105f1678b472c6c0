package dbmigrate.router;

import dbmigrate.log.Log;
import dbmigrate.process.MigrationProcess;
import dbmigrate.process.Waits;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalInt;

/**
 * {@code Prefer: wait=N}: the answer comes when the process has ended or N seconds are over. It is
 * a preference: where it cannot be had, because as many wait as may or the session with the rows is
 * lost, the answer comes at once and is as good as without it.
 */
record Waiting(Waits waits, Clock clock) {
    /**
     * In seconds; what is left of API Gateway's 30 is for a cold start and an Aurora that resumes.
     */
    private static final int LONGEST = 20;

    /** For reading the process once more and sending it. */
    private static final Duration TO_ANSWER = Duration.ofSeconds(1);

    /**
     * A process after its caller has waited.
     *
     * @param applied how many seconds the caller was ready to wait, where that was heeded
     */
    record Waited(MigrationProcess process, OptionalInt applied) {
        /** The answer, with what RFC 7240 wants it to say. */
        HttpResponse mark(HttpResponse response) {
            return applied.isPresent()
                    ? response.withHeader("preference-applied", "wait=" + applied.getAsInt())
                    : response;
        }
    }

    /** Waits as the request asks for; a process that was read a moment ago. */
    Waited forEnd(MigrationProcess process, HttpRequest request, Log log) {
        OptionalInt wanted = Preference.secondsToWait(request.header("prefer").orElse(""));
        if (wanted.isEmpty()) {
            return new Waited(process, OptionalInt.empty());
        }
        Instant now = clock.instant();
        int seconds = cut(wanted.getAsInt(), Duration.between(now, request.answerBy()));
        OptionalInt applied = OptionalInt.of(seconds);
        if (seconds == 0 || process.state().ended()) {
            return new Waited(process, applied);
        }
        return switch (waits.forEnd(process, now.plusSeconds(seconds), request.answerBy())) {
            case Waits.Outcome.Waited(MigrationProcess later) -> new Waited(later, applied);
            case Waits.Outcome.NoRoom() -> new Waited(process, OptionalInt.empty());
            case Waits.Outcome.Lost(Exception cause) -> {
                log.with("processId", process.id())
                        .warn("the wait for the end of the process was cut off", cause);
                yield new Waited(process, OptionalInt.empty());
            }
        };
    }

    private static int cut(int wanted, Duration left) {
        long most = Math.max(0, left.minus(TO_ANSWER).toSeconds());
        return (int) Math.min(Math.min(wanted, LONGEST), most);
    }
}
