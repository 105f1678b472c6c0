package dbmigrate.worker;

import dbmigrate.log.Log;
import dbmigrate.log.Metrics;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The metric that an alarm on a process which runs too long watches: for how long it has been
 * RUNNING, over all its attempts. It is written once a minute. A process that is younger writes
 * none, and an attempt at an older one writes it at its first beat: one whose attempts are all
 * short, because it waits for its turn, is seen as well.
 */
final class RunningTime {
    private static final Duration EVERY = Duration.ofMinutes(1);

    private final String stack;
    private final Log log;
    private Duration due = EVERY;

    RunningTime(String stack, Log log) {
        this.stack = stack;
        this.log = log;
    }

    /** Notes how long the process has run by now, and writes it where that is due. */
    void is(Duration running) {
        if (running.compareTo(due) < 0) {
            return;
        }
        due = running.plus(EVERY);
        Metrics.Metric time =
                new Metrics.Metric("RunningTime", Metrics.Unit.SECONDS, running.toSeconds());
        log.metrics(
                new Metrics(
                        Map.of("Stack", stack),
                        List.of(new Metrics.Directive(List.of("Stack"), List.of(time)))));
    }
}
