package dbmigrate.process;

import dbmigrate.database.SqlState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntConsumer;

/**
 * The rows as the router sees them: it records processes and reads them.
 *
 * @param stack whose rows are visible
 */
public record Processes(ProcessConnection rows, String stack) {
    /** The row was waited for in vain: one holder for too long, or several one after the other. */
    private static final Set<String> HELD =
            Set.of(SqlState.LOCK_NOT_AVAILABLE, SqlState.QUERY_CANCELED);

    /** What became of a process that was to be recorded. */
    public sealed interface Recording {
        /** The row is committed and its message accepted. */
        record Recorded(MigrationProcess process) implements Recording {}

        /** The caller's key stands for this process already. */
        record KnownKey(MigrationProcess process) implements Recording {}

        /** Another request under the caller's key has not come to an end; nothing was recorded. */
        record KeyBusy() implements Recording {}
    }

    /** What became of a request to cancel. */
    public sealed interface Cancellation {
        /**
         * The process was asked to stop, now or before, or has stopped at once.
         *
         * @param ended where this request is what ended it
         */
        record Asked(MigrationProcess process, Optional<EndedProcess> ended)
                implements Cancellation {}

        /** The process had ended before. */
        record Ended(MigrationProcess process) implements Cancellation {}

        /** Who asks may read of the process, but not run its command. */
        record Forbidden(MigrationProcess process) implements Cancellation {}

        /** There is no such process, or none that who asks may read of. */
        record Unknown() implements Cancellation {}
    }

    /**
     * Records a process and sends its message in one transaction: when sending fails nothing stays.
     * Another request under the same key waits for that transaction. Where it is rolled back the
     * next of those who wait records its own; where it takes longer than they may wait they are
     * told so.
     *
     * @param send returns when the queue has accepted the message, and throws when that is not
     *     certain
     * @throws SQLException when nothing was recorded
     * @throws CommitUnknownException when it is not known whether the row was committed
     */
    public Recording record(NewProcess process, Runnable send) throws SQLException {
        Optional<Instant> requestedAt;
        try {
            requestedAt = rows.begin(connection -> insert(connection, process));
        } catch (ProcessRowsException e) {
            if (process.idempotencyKey().isPresent() && HELD.contains(e.getSQLState())) {
                return new Recording.KeyBusy();
            }
            throw e;
        }
        if (requestedAt.isEmpty()) {
            rows.rollback();
            return withKeyOf(process)
                    .<Recording>map(Recording.KnownKey::new)
                    .orElseGet(Recording.KeyBusy::new);
        }
        try {
            send.run();
        } catch (RuntimeException e) {
            rows.rollback();
            throw e;
        }
        rows.commit();
        return new Recording.Recorded(process.queued(requestedAt.get()));
    }

    /** The process with this id, when this stack has one. */
    public Optional<MigrationProcess> find(UUID id) throws SQLException {
        return rows.call(connection -> ProcessReader.byId(connection, stack, id));
    }

    /** The same for somebody who may not read of every database's processes. */
    public Optional<MigrationProcess> find(UUID id, Grants grants) throws SQLException {
        return find(id).filter(process -> grants.mayRead(process.database()));
    }

    /** What was asked for with a process, so that it can be asked once more. */
    public Optional<MigrationRequest> request(UUID id) throws SQLException {
        String sql =
                """
                select command, database, target, out_of_order, placeholders, baseline_version,
                       baseline_description, requested_by
                from db_migrate.process where stack = ? and id = ?
                """;
        return rows.call(connection -> {
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                select.setString(1, stack);
                select.setObject(2, id);
                ResultSet row = select.executeQuery();
                return row.next() ? Optional.of(Claims.request(row)) : Optional.empty();
            }
        });
    }

    /**
     * Sends the message of a stale process again, unless somebody else just did or another process
     * of the same database is at work: then this one only waits its turn.
     *
     * @param send gets how often the message has been sent, this time included
     * @return whether it was sent
     */
    public boolean sendAgain(UUID id, IntConsumer send) throws SQLException {
        String sql =
                """
                update db_migrate.process stale set sent = sent + 1, sent_at = clock_timestamp()
                where stack = ? and id = ? and state in ('QUEUED', 'RUNNING')
                  and greatest(sent_at, heartbeat_at, lease_until)
                      < clock_timestamp() - interval '60 s'
                  and not exists (
                      select from db_migrate.process working
                      where working.database = stale.database and working.state = 'RUNNING'
                        and working.lease_until > clock_timestamp())
                returning sent
                """;
        Optional<Integer> sent =
                rows.call(connection -> {
                    try (PreparedStatement update = connection.prepareStatement(sql)) {
                        update.setString(1, stack);
                        update.setObject(2, id);
                        ResultSet row = update.executeQuery();
                        return row.next() ? Optional.of(row.getInt(1)) : Optional.empty();
                    }
                });
        sent.ifPresent(send::accept);
        return sent.isPresent();
    }

    /**
     * Asks a process to stop. One that no attempt is at work on ends at once; a running one is
     * stopped by its worker, which reads the request with its next heartbeat.
     *
     * @param identity who asks; the first who does is kept
     * @param grants only a process whose command they allow on its database is asked to stop
     */
    public Cancellation cancel(UUID id, Identity identity, Grants grants) throws SQLException {
        String sql =
                """
                update db_migrate.process
                set cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()),
                    cancel_requested_by = case when cancel_requested_at is null then ?
                        else cancel_requested_by end,
                    state = case when lease_until is null then 'CANCELED' else state end,
                    finished_at = case when lease_until is null then clock_timestamp() end
                where stack = ? and id = ? and state in ('QUEUED', 'RUNNING')
                  and command || ' ' || database like any (?)
                """
                        + EndedProcess.RETURNING;
        record Update(boolean asked, Optional<EndedProcess> ended) {}
        Update update =
                rows.call(connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(sql)) {
                        statement.setString(1, identity.text());
                        statement.setString(2, stack);
                        statement.setObject(3, id);
                        statement.setArray(4, grants.allowed(connection));
                        ResultSet row = statement.executeQuery();
                        boolean asked = row.next();
                        boolean ended =
                                asked && ProcessState.valueOf(row.getString("state")).ended();
                        return new Update(
                                asked,
                                ended ? Optional.of(EndedProcess.read(row)) : Optional.empty());
                    }
                });
        Optional<MigrationProcess> process = find(id, grants);
        if (process.isEmpty()) {
            return new Cancellation.Unknown();
        }
        if (!grants.allow(process.get().command(), process.get().database())) {
            return new Cancellation.Forbidden(process.get());
        }
        return update.asked()
                ? new Cancellation.Asked(process.get(), update.ended())
                : new Cancellation.Ended(process.get());
    }

    /**
     * Empty when the id or the caller's key stands already. A column of the newest version is asked
     * for, so that an older schema is upgraded before the audit trail of this process begins.
     */
    private Optional<Instant> insert(Connection connection, NewProcess process)
            throws SQLException {
        String sql =
                """
                insert into db_migrate.process
                    (id, stack, command, database, target, out_of_order, placeholders, requested_by,
                     identity, idempotency_key, fingerprint, baseline_version,
                     baseline_description, key_scope)
                values (?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?, ?, ?, ?)
                on conflict do nothing
                returning requested_at, result
                """;
        MigrationRequest request = process.request();
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setObject(1, process.id());
            insert.setString(2, stack);
            insert.setString(3, request.command().text());
            insert.setString(4, request.database());
            insert.setString(5, request.target().orElse(null));
            insert.setBoolean(6, request.outOfOrder());
            insert.setString(7, request.placeholdersAsJson());
            insert.setString(8, request.requestedBy().orElse(null));
            insert.setString(9, process.identity().text());
            insert.setString(10, process.idempotencyKey().orElse(null));
            insert.setString(11, request.fingerprint());
            insert.setString(12, request.baselineVersion().orElse(null));
            insert.setString(13, request.baselineDescription().orElse(null));
            insert.setString(14, process.identity().keyScope());
            ResultSet row = insert.executeQuery();
            return row.next()
                    ? Optional.of(row.getObject(1, OffsetDateTime.class).toInstant())
                    : Optional.empty();
        }
    }

    /** Empty where the process was deleted a moment ago. */
    private Optional<MigrationProcess> withKeyOf(NewProcess process) throws SQLException {
        String key = process.idempotencyKey().orElseThrow();
        return rows.call(c -> ProcessReader.byKey(c, stack, process.identity(), key));
    }
}
