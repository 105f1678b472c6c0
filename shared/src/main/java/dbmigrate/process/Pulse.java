package dbmigrate.process;

/** What a heartbeat learns. */
public enum Pulse {
    /** The lease is renewed. */
    RENEWED,
    /** The lease is renewed, and somebody has asked the process to stop. */
    CANCEL_REQUESTED,
    /** The attempt was superseded, or its process has ended. */
    LOST
}
