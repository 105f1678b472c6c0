package dbmigrate.process;

import dbmigrate.database.SqlState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * One of the places of those who wait: a session-level advisory lock.
 *
 * @param session the session that holds the lock
 * @param stack the lock's first key, which stands for the stack
 * @param number the lock's second key
 */
record WaitSlot(Connection session, int stack, int number) {
    /**
     * Takes the first free slot of a stack on the session that is kept. The rows of the series are
     * made and tried one by one, and none is tried after the first that was got.
     *
     * @param slots how many there are
     * @return empty where all are taken
     */
    static Optional<WaitSlot> take(ProcessConnection rows, String stack, int slots, Duration atMost)
            throws SQLException {
        String sql =
                """
                select slot from generate_series(1, ?) as slot
                where pg_try_advisory_lock(?, slot)
                limit 1
                """;
        int key = key(stack);
        return rows.onKept(
                atMost,
                session -> {
                    try (PreparedStatement select = session.prepareStatement(sql)) {
                        select.setInt(1, slots);
                        select.setInt(2, key);
                        ResultSet row = select.executeQuery();
                        return row.next()
                                ? Optional.of(new WaitSlot(session, key, row.getInt("slot")))
                                : Optional.empty();
                    }
                });
    }

    /** Runs work on the session that holds this slot, or not at all. */
    <T> T on(ProcessConnection rows, Duration atMost, ProcessConnection.Work<T> work)
            throws SQLException {
        return rows.onKept(
                atMost,
                kept -> {
                    if (kept != session) {
                        throw new SQLException(
                                "the session that holds slot %d is gone".formatted(number),
                                SqlState.CONNECTION_DOES_NOT_EXIST);
                    }
                    return work.on(kept);
                });
    }

    /** Gives the slot back. */
    void release(ProcessConnection rows, Duration atMost) throws SQLException {
        on(
                rows,
                atMost,
                kept -> {
                    try (PreparedStatement select =
                            kept.prepareStatement("select pg_advisory_unlock(?, ?)")) {
                        select.setInt(1, stack);
                        select.setInt(2, number);
                        return select.execute();
                    }
                });
    }

    /** Two stacks that share a key by chance share their slots, too; nothing worse comes of it. */
    private static int key(String stack) {
        return ("db-migrate waits: " + stack).hashCode();
    }
}
