package dbmigrate.process;

import java.sql.SQLException;
import java.util.Optional;

/**
 * The end of a process whose command is another than migrate.
 *
 * @param version the schema's version; empty when no versioned migration was ever applied
 * @param result what the command found or did, as JSON
 * @param failure why the process is FAILED for all that; empty makes it COMPLETED
 */
public record Answer(Optional<String> version, String result, Optional<Failure> failure) {
    /** Ends the process; empty when the attempt was superseded or its process has ended. */
    public Optional<EndedProcess> write(ProcessConnection rows, Attempt attempt)
            throws SQLException {
        String sql =
                """
                update db_migrate.process
                set state = ?, schema_now = ?, result = ?::json, error = ?::jsonb,
                """
                        + Attempts.ENDED
                        + Attempts.MINE;
        ProcessState state = failure.isPresent() ? ProcessState.FAILED : ProcessState.COMPLETED;
        return new AttemptUpdate(rows, attempt)
                .end(
                        sql,
                        state.name(),
                        version.orElse(null),
                        result,
                        failure.map(Failure::toJson).orElse(null));
    }
}
