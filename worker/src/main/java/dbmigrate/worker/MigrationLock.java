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

    /**
     * How an attempt ends that does not get the lock: another run has it, and that counts as
     * nothing. Each wait counts as a receive of the message, of which there are so many: the pauses
     * grow.
     *
     * @param waits how many attempts went before
     */
    static Ending taken(int waits) {
        return new Ending.GivenBack(
                "another run holds the database's lock", Optional.empty(), Retries.pause(waits));
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

    /** Takes the lock, when nobody else holds it. */
    boolean takeAtOnce() throws SQLException {
        return isTrue("select pg_try_advisory_lock(" + KEY + ")");
    }

    /**
     * Takes the lock once more, which stacks: true also when a script let it go (DISCARD ALL does)
     * and nobody took it meanwhile. It is taken for the transaction as well, which no statement of
     * the script can undo before its commit. The same round trip sets the lock time-out of what
     * follows, since a script may have changed that, too.
     */
    boolean takeAgain(Duration lockTimeout) throws SQLException {
        return isTrue(
                "select pg_try_advisory_lock(%1$d) and pg_try_advisory_xact_lock(%1$d) from set_config('lock_timeout', '%2$dms', false)"
                        .formatted(KEY, lockTimeout.toMillis()));
    }

    private boolean isTrue(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getBoolean(1);
        }
    }
}
