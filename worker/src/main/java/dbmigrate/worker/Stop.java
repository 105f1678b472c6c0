package dbmigrate.worker;

/** Why an attempt is to stop before its work is done. */
enum Stop {
    /** Its lease or its message is another's by now. */
    LOST,
    /** Somebody has asked the process to stop. */
    CANCEL_REQUESTED,
    /** Lambda leaves it just enough time to roll back and to write the row. */
    TIME_IS_UP
}
