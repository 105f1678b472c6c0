package dbmigrate.process;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** How time is let pass. */
@FunctionalInterface
public interface Pause {
    /** Returns at this time, at once where it is over. */
    void until(Instant time) throws InterruptedException;

    /** Sleeps until the clock's time has come. */
    static Pause of(Clock clock) {
        return time -> {
            Duration rest = Duration.between(clock.instant(), time);
            if (rest.isPositive()) {
                Thread.sleep(rest);
            }
        };
    }
}
