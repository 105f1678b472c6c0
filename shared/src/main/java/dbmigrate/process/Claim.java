package dbmigrate.process;

import java.time.Duration;
import java.util.Optional;

/** What a worker got when it claimed a process. */
public sealed interface Claim {
    /**
     * The process is this attempt's, as long as it renews its lease.
     *
     * @param command what is to be done; a newer router may record what this worker cannot do
     * @param failures how many attempts before this one failed or died
     * @param lastFailure why the newest of them ended, when it could still say so
     * @param left the session with which an earlier attempt migrated, and which may still live
     * @param cancelRequested whether the process is to be cancelled instead of run
     * @param unsettled the script that an earlier attempt had begun and not settled
     */
    record Claimed(
            Attempt attempt,
            String command,
            MigrationRequest request,
            int failures,
            Optional<Failure> lastFailure,
            Optional<Backend> left,
            boolean cancelRequested,
            Optional<String> unsettled)
            implements Claim {}

    /** Another attempt's lease is live for that much longer. */
    record Held(Duration remaining) implements Claim {}

    /** The process has ended; its message has nothing left to do. */
    record Finished(ProcessState state) implements Claim {}

    /** There is no such row: not yet, never, or another stack's. */
    record Missing() implements Claim {}
}
