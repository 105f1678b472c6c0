package dbmigrate.process;

import java.time.Duration;

/**
 * What the renewal of a lease tells.
 *
 * @param running for how long the process has been RUNNING, over all its attempts, by PostgreSQL's
 *     clock
 */
public record Renewal(Pulse pulse, Duration running) {
    /** The row is not this attempt's any more. */
    static final Renewal LOST = new Renewal(Pulse.LOST, Duration.ZERO);
}
