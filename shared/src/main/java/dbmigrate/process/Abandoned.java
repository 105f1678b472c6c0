package dbmigrate.process;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;

/**
 * Ends processes whose messages the queue has given up.
 *
 * @param stack whose processes
 */
public record Abandoned(ProcessConnection rows, String stack) {
    /** What became of a process. */
    public sealed interface Outcome {
        /** It is FAILED now. */
        record Failed(EndedProcess process) implements Outcome {}

        /** It had ended, or there is no such process. */
        record NothingToDo() implements Outcome {}

        /** An attempt is at work on it; it will end by itself. */
        record AtWork() implements Outcome {}
    }

    /**
     * Makes a process FAILED, with the last attempt's cause where one is known, unless an attempt's
     * lease is live. Done twice it changes nothing.
     *
     * @param failure the cause where no attempt left one
     */
    public Outcome fail(UUID id, Failure failure) throws SQLException {
        String sql =
                """
                with failed as (
                    update db_migrate.process
                    set state = 'FAILED', finished_at = clock_timestamp(), lease_until = null,
                        activity = null,
                        error = coalesce(nullif(attempts -> -1 -> 'error', 'null'), ?::jsonb)
                    where stack = ? and id = ? and state in ('QUEUED', 'RUNNING')
                      and (lease_until is null or lease_until < clock_timestamp())
                    %s
                )
                select failed.*,
                       exists (select from db_migrate.process
                               where stack = ? and id = ? and state = 'RUNNING'
                                 and lease_until > clock_timestamp()) as at_work
                from (select) as one_row left join failed on true
                """
                        .formatted(EndedProcess.RETURNING);
        return rows.call(connection -> {
            try (PreparedStatement update = connection.prepareStatement(sql)) {
                update.setString(1, failure.toJson());
                update.setString(2, stack);
                update.setObject(3, id);
                update.setString(4, stack);
                update.setObject(5, id);
                ResultSet row = update.executeQuery();
                row.next();
                if (row.getObject("id") != null) {
                    return new Outcome.Failed(EndedProcess.read(row));
                }
                return row.getBoolean("at_work") ? new Outcome.AtWork() : new Outcome.NothingToDo();
            }
        });
    }
}
