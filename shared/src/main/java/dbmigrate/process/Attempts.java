package dbmigrate.process;

import static java.sql.Types.TIMESTAMP_WITH_TIMEZONE;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt writes. Each write is one conditional update; {@code false} says that the attempt
 * was superseded or its process has ended, and that nothing was written.
 */
public record Attempts(ProcessConnection rows) {
    /** How long an attempt may stay silent before another may take its process. */
    public static final Duration LEASE = Duration.ofSeconds(20);

    /** The migration that runs: none. */
    private static final String NO_CURRENT =
            """
            current_script = null, current_version = null, current_description = null,
            current_started_at = null, activity = null
            """;

    /** What every end has in common. */
    static final String ENDED =
            "finished_at = clock_timestamp(), lease_until = null, backend_pid = null,"
                    + " backend_start = null, "
                    + NO_CURRENT;

    /** Whose row it is, and that it has not ended. */
    static final String MINE = " where id = ? and attempt = ? and state = 'RUNNING'";

    /**
     * Renews the lease, and reads whether the process is to be cancelled and how long it has run.
     *
     * @param seen what the session does; it is noted only where it was seen after the migration
     *     that runs began, and where nothing was seen the row says nothing
     */
    public Renewal renew(Attempt attempt, Optional<Observation> seen) throws SQLException {
        String sql =
                """
                update db_migrate.process
                set heartbeat_at = clock_timestamp(),
                    lease_until = clock_timestamp() + interval '%d s',
                    activity = case when current_started_at < ? then ?::jsonb end
                where id = ? and attempt = ? and state = 'RUNNING' and lease_until is not null
                returning cancel_requested_at is not null,
                    extract(epoch from clock_timestamp() - started_at) * 1000
                """
                        .formatted(LEASE.toSeconds());
        return rows.call(connection -> {
            try (PreparedStatement update = connection.prepareStatement(sql)) {
                update.setObject(
                        1, seen.map(Observation::at).orElse(null), TIMESTAMP_WITH_TIMEZONE);
                update.setString(2, seen.map(of -> of.activity().toJson()).orElse(null));
                update.setObject(3, attempt.processId());
                update.setInt(4, attempt.number());
                ResultSet row = update.executeQuery();
                if (!row.next()) {
                    return Renewal.LOST;
                }
                return new Renewal(
                        row.getBoolean(1) ? Pulse.CANCEL_REQUESTED : Pulse.RENEWED,
                        Duration.ofMillis(row.getLong(2)));
            }
        });
    }

    /**
     * Notes the session that this attempt migrates with, before it takes the migration lock, so
     * that the next attempt can end it.
     */
    public boolean opened(Attempt attempt, Backend backend) throws SQLException {
        return update(
                attempt,
                "update db_migrate.process set backend_pid = ?, backend_start = ?" + MINE,
                backend.pid(),
                backend.start());
    }

    /** Notes that this process created its database. */
    public boolean databaseCreated(Attempt attempt) throws SQLException {
        return update(attempt, "update db_migrate.process set database_created = true" + MINE);
    }

    /**
     * Notes where the database stands before this attempt's first migration.
     *
     * @param version the schema's version; the first attempt's is kept as the one before
     * @param pending how many migrations are to be applied
     */
    public boolean planned(Attempt attempt, Optional<String> version, int pending)
            throws SQLException {
        String sql =
                """
                update db_migrate.process
                set schema_before = case when total is null then ? else schema_before end,
                    schema_now = ?,
                    total = ? + (select count(*) from db_migrate.migration
                                 where process_id = id and state = 'applied')
                """;
        String now = version.orElse(null);
        return update(attempt, sql + MINE, now, now, pending);
    }

    /**
     * As {@link #planned}, where nothing is pending, and only while no migration of this history is
     * noted that no roll-back undoes.
     *
     * @param database the target
     * @param history Flyway's table there, as in {@link UnsettledMigrations}
     */
    public boolean plannedNothing(
            Attempt attempt, Optional<String> version, String database, String history)
            throws SQLException {
        String sql =
                """
                update db_migrate.process
                set schema_before = case when total is null then ? else schema_before end,
                    schema_now = ?,
                    total = (select count(*) from db_migrate.migration
                             where process_id = id and state = 'applied')
                where not exists (select from db_migrate.unsettled
                                  where unsettled.database = ? and unsettled.history = ?)
                  and id = ? and attempt = ? and state = 'RUNNING'
                """;
        String now = version.orElse(null);
        return update(attempt, sql, now, now, database, history);
    }

    /**
     * Notes what the migrations are warned of. What was noted first stays: a later look finds fewer
     * of them pending, and more that stands.
     *
     * @param warnings a JSON array
     * @return what the row says now; empty when the attempt was superseded
     */
    public Optional<String> warned(Attempt attempt, String warnings) throws SQLException {
        String sql = "update db_migrate.process set warnings = coalesce(warnings, ?::json)";
        return new AttemptUpdate(rows, attempt)
                .text(sql + MINE + " returning warnings::text", warnings);
    }

    /**
     * Settles the migration that runs, if one does, and notes the next one, if there is one. Done
     * twice, because an answer was lost, it changes nothing more.
     *
     * @param settlement what became of the one that ran
     */
    public boolean advance(Attempt attempt, Settlement settlement, Optional<NextMigration> next)
            throws SQLException {
        return new MigrationChange(settlement, next).write(rows, attempt, "");
    }

    /**
     * Settles the migration that ran as applied and notes the next one, as {@link #advance} does,
     * but does not wait for the server's disk. What the same server commits behind it stands behind
     * it in the write-ahead log, so that nothing of that outlives a crash without this.
     */
    public boolean advanceBeforeCommit(Attempt attempt, NextMigration next) throws SQLException {
        return new MigrationChange(Settlement.APPLIED, Optional.of(next))
                .write(rows, attempt, ", set_config('synchronous_commit', 'off', true)");
    }

    /** Forgets the migration that had begun: the server has rolled it back. */
    public boolean forgetCurrent(Attempt attempt) throws SQLException {
        return update(attempt, "update db_migrate.process set " + NO_CURRENT + MINE);
    }

    /** Ends the process COMPLETED; empty says what {@code false} does elsewhere. */
    public Optional<EndedProcess> complete(Attempt attempt, Optional<String> version)
            throws SQLException {
        String sql = "update db_migrate.process set state = 'COMPLETED', schema_now = ?, " + ENDED;
        return end(attempt, sql, version.orElse(null));
    }

    /** Ends the process FAILED, as {@link #complete} does. */
    public Optional<EndedProcess> fail(Attempt attempt, Failure failure) throws SQLException {
        String sql = "update db_migrate.process set state = 'FAILED', error = ?::jsonb, " + ENDED;
        return end(attempt, sql, failure.toJson());
    }

    /**
     * Ends the process CANCELED, as {@link #complete} does.
     *
     * @param halfDone what may stand of the migration that ran, where no roll-back undoes it
     */
    public Optional<EndedProcess> cancel(Attempt attempt, Optional<Failure> halfDone)
            throws SQLException {
        String sql = "update db_migrate.process set state = 'CANCELED', error = ?::jsonb, " + ENDED;
        return end(attempt, sql, halfDone.map(Failure::toJson).orElse(null));
    }

    private Optional<EndedProcess> end(Attempt attempt, String sql, @Nullable Object... values)
            throws SQLException {
        return new AttemptUpdate(rows, attempt).end(sql + MINE, values);
    }

    /** Notes a failure after which the same attempt tries again. */
    public boolean retries(Attempt attempt, String reason, Failure failure) throws SQLException {
        String sql =
                """
                update db_migrate.process
                set attempts = attempts || jsonb_build_object(
                        'attempt', attempt, 'startedAt', attempt_started_at,
                        'endedAt', clock_timestamp(), 'reason', ?::text, 'error', ?::jsonb)
                """;
        return update(attempt, sql + MINE, reason, failure.toJson());
    }

    /**
     * Gives the process back, so that the next attempt may claim it at once. Attempts that ended
     * without a failure and for the same reason, one after the other, stand in the row as one: a
     * process may wait for long.
     *
     * @param reason why, in a few words, for the record of attempts
     * @param failure what failed; empty when the attempt only makes room and nothing is to be
     *     counted
     */
    public boolean release(Attempt attempt, String reason, Optional<Failure> failure)
            throws SQLException {
        String sql =
                """
                update db_migrate.process
                set lease_until = null, heartbeat_at = clock_timestamp(), failures = failures + ?,
                    backend_pid = null, backend_start = null, activity = null,
                    attempts = case
                        when attempts -> -1 ->> 'reason' = ?::text and attempts -> -1 -> 'error' = 'null'
                        then jsonb_set(attempts, '{-1,endedAt}', to_jsonb(clock_timestamp()))
                        else attempts || jsonb_build_object(
                            'attempt', attempt, 'startedAt', attempt_started_at,
                            'endedAt', clock_timestamp(), 'reason', ?::text, 'error', ?::jsonb) end
                """;
        return update(
                attempt,
                sql + MINE + " and lease_until is not null",
                failure.isPresent() ? 1 : 0,
                reason,
                reason,
                failure.map(Failure::toJson).orElse(null));
    }

    private boolean update(Attempt attempt, String sql, @Nullable Object... values)
            throws SQLException {
        return new AttemptUpdate(rows, attempt).run(sql, values);
    }
}
