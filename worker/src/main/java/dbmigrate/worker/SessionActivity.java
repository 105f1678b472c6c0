package dbmigrate.worker;

import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import dbmigrate.log.Log;
import dbmigrate.process.Activity;
import dbmigrate.process.Activity.Amount;
import dbmigrate.process.Activity.Blocker;
import dbmigrate.process.Activity.LockWait;
import dbmigrate.process.Backend;
import dbmigrate.process.MigrationRequest;
import dbmigrate.process.Observation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the server tells of the session that migrates, read in one statement from any database of
 * the server: its statement, how far that is, the lock that it waits for, and who is in its way.
 *
 * <p>Phases, and of what the figures are a part (documentation, "Monitoring Database Activity",
 * "Progress Reporting"). Blocks are given as bytes. The percentage is that of the bytes where their
 * total is known, else that of the rows; it is of the phase alone and begins anew with the next
 * one.
 *
 * <ul>
 *   <li>CREATE INDEX, REINDEX: blocks of the table or the index that the phase scans; rows that a
 *       phase loads. While it waits for other transactions or sorts, PostgreSQL counts nothing.
 *   <li>VACUUM: blocks of the table, while it scans or vacuums the heap. Blocks without dead rows
 *       are passed over in leaps.
 *   <li>CLUSTER, VACUUM FULL: blocks of the table in a sequential scan; rows scanned or written, of
 *       a number that PostgreSQL does not give.
 *   <li>ANALYZE: blocks of the sample.
 *   <li>COPY: rows, and bytes of the file; of a copy from the client the total is not known.
 * </ul>
 *
 * @param names names the target's relations
 * @param masking of what may not be shown of a statement
 */
record SessionActivity(RelationNames names, Masking masking) {
    private static final int FIRST_WITH_COPY_AND_WAITSTART = 14;

    /** Twice formatted: with the time at which a wait began, and with the progress of COPY. */
    private static final String SELECT =
            """
            with session as (
                select pid, datname as target, state, query, query_start, wait_event_type
                from pg_stat_activity where pid = ? and backend_start = ?
            ), block as (
                select current_setting('block_size')::bigint as size
            ), progress as (
                select pid, relid, phase, nullif(current_locker_pid, 0)::int as locker,
                       case when phase !~ '^waiting|sorting' then tuples_done end as rows_done,
                       tuples_total as rows_total,
                       case when phase !~ '^waiting|sorting' then blocks_done end * size as bytes_done,
                       blocks_total * size as bytes_total
                from pg_stat_progress_create_index, block
                union all
                select pid, relid, phase, null, null, null,
                       case phase when 'scanning heap' then heap_blks_scanned
                                  when 'vacuuming heap' then heap_blks_vacuumed end * size,
                       heap_blks_total * size
                from pg_stat_progress_vacuum, block
                union all
                select pid, relid, phase, null,
                       case when phase ~ ' scanning heap$' then heap_tuples_scanned
                            when phase = 'writing new heap' then heap_tuples_written end,
                       null,
                       case when phase = 'seq scanning heap' then heap_blks_scanned end * size,
                       heap_blks_total * size
                from pg_stat_progress_cluster, block
                union all
                select pid, relid, phase, null, null, null,
                       case when phase ~ '^acquiring' then sample_blks_scanned end * size,
                       sample_blks_total * size
                from pg_stat_progress_analyze, block
                %2$s
            )
            select statement_timestamp() as observed_at,
                   -- as in 1kB, which pg_size_bytes reads, and 1500B, which it does not everywhere
                   pg_size_bytes(regexp_replace(current_setting('track_activity_query_size'),
                                                '(?<=[0-9])B$', '')) as longest_query,
                   case when state = 'active' then left(query, %3$d) end as query,
                   case when state = 'active' then query_start end as query_start,
                   phase, rows_done, rows_total, bytes_done, bytes_total,
                   lock.mode, lock.relation::bigint, lock.since, blockers.list as blockers
            from session
            left join progress using (pid)
            left join lateral (
                select mode, %1$s as since,
                       coalesce(
                           relation,
                           -- who waits for another's row waits for its transaction
                           (select max(relation) from pg_locks
                            where pid = session.pid and locktype = 'tuple'),
                           case when locktype = 'virtualxid' then progress.relid end) as relation
                from pg_locks
                where session.wait_event_type = 'Lock' and pid = session.pid and not granted
                limit 1
            ) lock on true
            left join lateral (
                select jsonb_agg(
                           jsonb_build_object(
                               'pid', pid, 'application', application_name, 'since', state_change,
                               'state', case when pid = 0 then concat_ws(
                                   ' ', 'prepared transaction',
                                   (select string_agg(gid, ', ')
                                    from pg_prepared_xacts as prepared
                                    join pg_locks as own on own.pid is null
                                        and own.transactionid = prepared.transaction
                                    join pg_locks as held on held.pid is null
                                        and held.virtualtransaction = own.virtualtransaction
                                    where held.relation = lock.relation
                                      and prepared.database = target))
                                   else state end,
                               'query', nullif(left(query, %3$d), '<insufficient privilege>'))
                           order by state_change) as list
                from (select pid, application_name, state, state_change, query
                      from (select distinct unnest(
                                pg_blocking_pids(session.pid) || progress.locker)) as blocking (pid)
                      left join pg_stat_activity using (pid)
                      where lock.mode is not null and pid is not null
                      order by state_change limit 10) as longest
            ) blockers on true
            """;

    private static final String COPY =
            """
            union all
            select pid, relid, lower(command), null, tuples_processed, null, bytes_processed,
                   nullif(bytes_total, 0)
            from pg_stat_progress_copy
            """;

    /** For the sessions of one attempt at a request. */
    static SessionActivity of(WorkerSettings settings, MigrationRequest request, Log log) {
        return new SessionActivity(
                new RelationNames(settings.server().url().withDatabase(request.database()), log),
                masking(settings, request));
    }

    private static Masking masking(WorkerSettings settings, MigrationRequest request) {
        try {
            return new Masking(new FlywayConfiguration(settings, request).placeholders());
        } catch (RuntimeException e) {
            // The attempt fails by the same and says so; no placeholder is put anywhere.
            return new Masking(request.placeholders());
        }
    }

    /**
     * Looks at a session.
     *
     * @param connection with any database of the server, in auto-commit mode
     * @return empty where the server does not have the session
     */
    Optional<Observation> of(Backend backend, Connection connection) throws SQLException {
        boolean isKnown =
                connection.getMetaData().getDatabaseMajorVersion() >= FIRST_WITH_COPY_AND_WAITSTART;
        String sql =
                isKnown
                        ? SELECT.formatted("waitstart", COPY, Excerpt.FETCHED)
                        : SELECT.formatted("null::timestamptz", "", Excerpt.FETCHED);
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setInt(1, backend.pid());
            select.setObject(2, backend.start());
            ResultSet row = select.executeQuery();
            return row.next()
                    ? Optional.of(
                            new Observation(
                                    activity(row),
                                    row.getObject("observed_at", OffsetDateTime.class)))
                    : Optional.empty();
        }
    }

    private Activity activity(ResultSet row) throws SQLException {
        Optional<Amount> rows = amount(row, "rows");
        Optional<Amount> bytes = amount(row, "bytes");
        Excerpt excerpt = new Excerpt(masking, row.getLong("longest_query"));
        return new Activity(
                Optional.ofNullable(row.getString("query")).flatMap(excerpt::of),
                time(row, "query_start"),
                Optional.ofNullable(row.getString("phase")),
                bytes.flatMap(Amount::percent).or(() -> rows.flatMap(Amount::percent)),
                rows,
                bytes,
                wait(row, excerpt));
    }

    /** A total of 0 says that the phase does not count this; none, that it is not known. */
    private static Optional<Amount> amount(ResultSet row, String what) throws SQLException {
        Long done = row.getObject(what + "_done", Long.class);
        Long total = row.getObject(what + "_total", Long.class);
        return done == null || (total != null && total == 0)
                ? Optional.empty()
                : Optional.of(new Amount(done, Optional.ofNullable(total)));
    }

    private Optional<LockWait> wait(ResultSet row, Excerpt excerpt) throws SQLException {
        String mode = row.getString("mode");
        if (mode == null) {
            return Optional.empty();
        }
        Long relation = row.getObject("relation", Long.class);
        return Optional.of(
                new LockWait(
                        mode,
                        relation == null ? Optional.empty() : names.of(relation),
                        time(row, "since"),
                        blockers(row.getString("blockers"), excerpt)));
    }

    private static List<Blocker> blockers(@Nullable String list, Excerpt excerpt) {
        try {
            return JsonObject.of(Json.read("{\"blockers\":" + list + "}"))
                    .objects("blockers")
                    .stream()
                    .map(one ->
                            new Blocker(
                                    one.integer("pid").orElseThrow(),
                                    one.string("application").filter(name -> !name.isEmpty()),
                                    one.string("state"),
                                    one.time("since"),
                                    one.string("query").flatMap(excerpt::of)))
                    .toList();
        } catch (MalformedJsonException e) {
            throw new IllegalStateException("PostgreSQL gave blockers that are no JSON", e);
        }
    }

    private static Optional<Instant> time(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
                .map(OffsetDateTime::toInstant);
    }
}
