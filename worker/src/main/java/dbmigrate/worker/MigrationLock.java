package dbmigrate.worker;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * The lock that makes runs on one database follow each other: an advisory key of the session that
 * migrates, held from before Flyway starts until that session ends. Flyway's own lock lies inside
 * it and is let go between two migrations.
 *
 * <p>It is polled for: a blocking {@code pg_advisory_lock} beside CREATE INDEX CONCURRENTLY ends in
 * a deadlock, since each waits for the other's snapshot.
 */
record MigrationLock(Connection connection) {
    /** Any number that nobody else takes; it is the ASCII of "dbmlock". Locks are per database. */
    private static final long KEY = 0x64_62_6d_6c_6f_63_6bL;

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(100);

    /** How long a process that waits its turn makes room before it asks again. */
    private static final Duration TURN = Duration.ofSeconds(2);

    /**
     * How an attempt ends that does not get the lock: another run has it, and that counts as
     * nothing.
     */
    static Ending taken() {
        return new Ending.GivenBack(
                "another run holds the database's lock", Optional.empty(), TURN);
    }

    /** Takes the lock; false when another session holds it and did not let it go in time. */
    boolean take() throws SQLException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!takeAtOnce()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(PAUSE);
        }
        return true;
    }

    /**
     * Takes the lock once more, which stacks: true also when a script let it go (DISCARD ALL does)
     * and nobody took it meanwhile.
     */
    boolean takeAtOnce() throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("select pg_try_advisory_lock(?)")) {
            statement.setLong(1, KEY);
            ResultSet row = statement.executeQuery();
            row.next();
            return row.getBoolean(1);
        }
    }
}
