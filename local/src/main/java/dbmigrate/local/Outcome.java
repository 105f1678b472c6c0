package dbmigrate.local;

/** How an invocation ended. */
sealed interface Outcome {
    /** The function returned {@code payload}. */
    record Answered(byte[] payload) implements Outcome {}

    /**
     * The function failed, died or ran out of time; {@code reason} is for people, and holds no
     * event.
     */
    record Failed(String reason) implements Outcome {}

    /** All instances stayed busy: Lambda's 429. */
    record Throttled() implements Outcome {}
}
