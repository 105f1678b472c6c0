package dbmigrate.process;

/** How far a process is. A terminal state never changes. */
public enum ProcessState {
    QUEUED,
    RUNNING,
    COMPLETED,
    FAILED,
    CANCELED;

    /** Whether the process has ended for good. */
    public boolean ended() {
        return switch (this) {
            case QUEUED, RUNNING -> false;
            case COMPLETED, FAILED, CANCELED -> true;
        };
    }
}
