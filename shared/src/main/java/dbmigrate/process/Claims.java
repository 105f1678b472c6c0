package dbmigrate.process;

import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Hands processes to attempts: one conditional update decides, judged by PostgreSQL's clock.
 *
 * @param stack whose processes
 */
public record Claims(ProcessConnection rows, String stack) {
    /** A claim that was lost in the very moment in which the lease ended is tried again so soon. */
    private static final Duration AT_ONCE = Duration.ofSeconds(1);

    /** Claims a process for a new attempt; one whose lease has run out counts as died. */
    public Claim claim(UUID id) throws SQLException {
        return rows.call(connection -> {
            Optional<Claim> claimed = take(connection, id);
            return claimed.isPresent() ? claimed.get() : whyNot(connection, id);
        });
    }

    private Optional<Claim> take(Connection connection, UUID id) throws SQLException {
        String sql =
                """
                update db_migrate.process
                set state = 'RUNNING',
                    attempt = attempt + 1,
                    failures = failures + case when lease_until is null then 0 else 1 end,
                    attempts = case when lease_until is null then attempts
                        else attempts || jsonb_build_object(
                            'attempt', attempt, 'startedAt', attempt_started_at,
                            'endedAt', heartbeat_at,
                            'reason', 'its lease ran out: the worker died or lost the server') end,
                    started_at = coalesce(started_at, clock_timestamp()),
                    attempt_started_at = clock_timestamp(),
                    heartbeat_at = clock_timestamp(), activity = null,
                    lease_until = clock_timestamp() + interval '%d s'
                where stack = ? and id = ? and state in ('QUEUED', 'RUNNING')
                  and (lease_until is null or lease_until < clock_timestamp())
                returning attempt, failures, command, database, target, out_of_order, placeholders,
                          baseline_version, baseline_description, requested_by, current_script, attempts -> -1 -> 'error' as last_failure,
                          backend_pid, backend_start, cancel_requested_at is not null as canceling
                """
                        .formatted(Attempts.LEASE.toSeconds());
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setString(1, stack);
            update.setObject(2, id);
            ResultSet row = update.executeQuery();
            return row.next() ? Optional.of(claimed(id, row)) : Optional.empty();
        }
    }

    private Claim whyNot(Connection connection, UUID id) throws SQLException {
        String sql =
                """
                select state, extract(epoch from lease_until - clock_timestamp()) * 1000 as remaining
                from db_migrate.process where stack = ? and id = ?
                """;
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, stack);
            select.setObject(2, id);
            ResultSet row = select.executeQuery();
            if (!row.next()) {
                return new Claim.Missing();
            }
            ProcessState state = ProcessState.valueOf(row.getString("state"));
            Duration remaining = Duration.ofMillis(row.getLong("remaining"));
            return state.ended()
                    ? new Claim.Finished(state)
                    : new Claim.Held(remaining.compareTo(AT_ONCE) < 0 ? AT_ONCE : remaining);
        }
    }

    private static Claim claimed(UUID id, ResultSet row) throws SQLException {
        return new Claim.Claimed(
                new Attempt(id, row.getInt("attempt")),
                row.getString("command"),
                request(row),
                row.getInt("failures"),
                Optional.ofNullable(row.getString("last_failure"))
                        .filter(json -> !json.equals("null"))
                        .map(Failure::parse),
                backend(row),
                row.getBoolean("canceling"),
                Optional.ofNullable(row.getString("current_script")));
    }

    /** What was asked for, from the columns that hold it. */
    static MigrationRequest request(ResultSet row) throws SQLException {
        return new MigrationRequest(
                Command.of(row.getString("command")),
                row.getString("database"),
                Optional.ofNullable(row.getString("target")),
                row.getBoolean("out_of_order"),
                placeholders(row.getString("placeholders")),
                Optional.ofNullable(row.getString("baseline_version")),
                Optional.ofNullable(row.getString("baseline_description")),
                Optional.ofNullable(row.getString("requested_by")));
    }

    private static Optional<Backend> backend(ResultSet row) throws SQLException {
        OffsetDateTime start = row.getObject("backend_start", OffsetDateTime.class);
        return start == null
                ? Optional.empty()
                : Optional.of(new Backend(row.getInt("backend_pid"), start));
    }

    private static Map<String, String> placeholders(String json) {
        try {
            return JsonObject.of(Json.read(json)).strings();
        } catch (MalformedJsonException e) {
            throw new IllegalStateException("PostgreSQL gave placeholders that are no JSON", e);
        }
    }
}
