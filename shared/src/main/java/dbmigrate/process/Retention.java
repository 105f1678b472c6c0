package dbmigrate.process;

import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * Deletes processes that ended long ago, with their migrations and events; an idempotency key lives
 * as long as its row.
 *
 * @param stack whose processes
 * @param days how long an ended process is kept
 */
public record Retention(ProcessConnection rows, String stack, int days) {
    /** Small enough for a statement's time, also where each row has hundreds of migrations. */
    static final int BATCH = 1_000;

    /** Whoever ends a process is not kept for long: the next one goes on. */
    private static final int BATCHES = 10;

    /** Deletes what is too old, and returns how many processes that were. */
    public int apply() throws SQLException {
        int deleted = 0;
        for (int batch = 0; batch < BATCHES; batch++) {
            int more = deleteSome();
            deleted += more;
            if (more < BATCH) {
                break;
            }
        }
        return deleted;
    }

    /** Rows that another worker deletes at the same time are left to it. */
    private int deleteSome() throws SQLException {
        String sql =
                """
                delete from db_migrate.process
                where id in (
                    select id from db_migrate.process
                    where stack = ? and finished_at < clock_timestamp() - ? * interval '1 day'
                      and state in ('COMPLETED', 'FAILED', 'CANCELED')
                    order by finished_at limit %d
                    for update skip locked)
                """
                        .formatted(BATCH);
        return rows.call(connection -> {
            try (PreparedStatement delete = connection.prepareStatement(sql)) {
                delete.setString(1, stack);
                delete.setInt(2, days);
                return delete.executeUpdate();
            }
        });
    }
}
