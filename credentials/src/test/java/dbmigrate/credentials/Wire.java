package dbmigrate.credentials;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What is between one function and AWS: it counts the calls, refuses some, and can be cut. */
final class Wire {
    /**
     * A refusal in AWS's words.
     *
     * @param times how often; then the call is let through
     */
    record Refusal(int status, String code, String message, int times) {}

    private final List<String> calls = new ArrayList<>();
    private final Map<String, Refusal> refusals = new ConcurrentHashMap<>();
    private final Map<String, String> replacements = new ConcurrentHashMap<>();
    private volatile Duration delay = Duration.ZERO;
    private Optional<String> cutAfter = Optional.empty();
    private int callsBeforeTheCut;
    private boolean isCut;

    /** From now on a call is refused so many times. */
    void refuse(String action, int status, String code, String message, int times) {
        refusals.put(action, new Refusal(status, code, message, times));
    }

    /** From now on nobody may do this. */
    void forbid(String action) {
        refuse(
                action,
                action.startsWith("rds:") ? 403 : 400,
                action.startsWith("rds:") ? "AccessDenied" : "AccessDeniedException",
                "User: arn:aws:sts::123456789012:assumed-role/r/f is not authorized to perform: "
                        + action,
                Integer.MAX_VALUE);
    }

    /** The nth call of this kind is done, but nobody hears of it, and none after it is. */
    synchronized void cutAfter(String action, int nth) {
        cutAfter = Optional.of(action);
        callsBeforeTheCut = nth - 1;
    }

    /** From now on a call is answered so, and not made. */
    void replace(String action, String answer) {
        replacements.put(action, answer);
    }

    /** The answer that stands for a call, where one does. */
    Optional<String> replacement(String action) {
        return Optional.ofNullable(replacements.get(action));
    }

    /** From now on every call takes so long. */
    void slow(Duration time) {
        delay = time;
    }

    Duration delay() {
        return delay;
    }

    /** Everything goes through again. */
    synchronized void mend() {
        cutAfter = Optional.empty();
        isCut = false;
        refusals.clear();
    }

    synchronized boolean isCut() {
        return isCut;
    }

    /** Notes a call; what it is refused with, where it is. */
    synchronized Optional<Refusal> note(String action) {
        calls.add(action);
        Optional<Refusal> refusal =
                Optional.ofNullable(refusals.get(action)).filter(known -> known.times() > 0);
        refusal.ifPresent(known ->
                refusals.put(
                        action,
                        new Refusal(
                                known.status(), known.code(), known.message(), known.times() - 1)));
        return refusal;
    }

    /** Whether its answer reaches nobody. */
    synchronized boolean isLost(String action) {
        if (cutAfter.equals(Optional.of(action)) && callsBeforeTheCut-- == 0) {
            isCut = true;
        }
        return isCut;
    }

    /** The calls so far, as a policy names them. */
    synchronized List<String> calls() {
        return List.copyOf(calls);
    }
}
