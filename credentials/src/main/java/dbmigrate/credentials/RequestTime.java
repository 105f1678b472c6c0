package dbmigrate.credentials;

import java.time.Duration;

/**
 * How Lambda's time for one request is divided, so that CloudFormation has its answer before Lambda
 * ends the function: without one it waits for an hour.
 *
 * @param work after it nothing new is begun; what failed last is the answer
 * @param watchdog then the answer is given, whatever the work does
 * @param answer so long the answer is repeated
 */
record RequestTime(Deadline work, Deadline watchdog, Deadline answer) {
    /** Three tries of an answer with pauses between them. */
    private static final Duration MOST_FOR_THE_ANSWER = Duration.ofSeconds(30);

    static RequestTime of(Duration remaining) {
        Duration quarter = remaining.dividedBy(4);
        Duration kept = quarter.compareTo(MOST_FOR_THE_ANSWER) < 0 ? quarter : MOST_FOR_THE_ANSWER;
        return new RequestTime(
                Deadline.in(remaining.minus(kept)),
                Deadline.in(remaining.minus(kept.multipliedBy(2).dividedBy(3))),
                Deadline.in(remaining.minus(kept.dividedBy(20))));
    }
}
