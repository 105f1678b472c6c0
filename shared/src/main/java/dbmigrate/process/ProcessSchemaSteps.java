package dbmigrate.process;

import java.util.List;

/**
 * What the schema {@code db_migrate} is made by. Step n leads from version n - 1 to n and only
 * adds, so that older functions go on working while a deployment replaces them.
 */
final class ProcessSchemaSteps {
    private static final String VERSION_1 =
            """
            create table db_migrate.process (
                id                  uuid        primary key,
                stack               text        not null,
                command             text        not null,
                database            text        not null,
                target              text,
                out_of_order        boolean     not null,
                placeholders        jsonb       not null,
                requested_by        text,
                identity            text        not null,
                idempotency_key     text,
                fingerprint         text        not null,
                state               text        not null default 'QUEUED'
                    check (state in ('QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELED')),
                attempt             integer     not null default 0,
                failures            integer     not null default 0,
                attempts            jsonb       not null default '[]',
                requested_at        timestamptz not null default clock_timestamp(),
                started_at          timestamptz,
                attempt_started_at  timestamptz,
                finished_at         timestamptz,
                lease_until         timestamptz,
                heartbeat_at        timestamptz,
                sent                integer     not null default 1,
                sent_at             timestamptz not null default clock_timestamp(),
                database_created    boolean     not null default false,
                schema_before       text,
                schema_now          text,
                total               integer,
                current_version     text,
                current_description text,
                current_script      text,
                current_started_at  timestamptz,
                error               jsonb
            );
            create unique index process_idempotency_key
                on db_migrate.process (stack, identity, idempotency_key)
                where idempotency_key is not null;
            create index process_unfinished on db_migrate.process (stack, database)
                where state in ('QUEUED', 'RUNNING');
            create table db_migrate.migration (
                process_id  uuid        not null references db_migrate.process on delete cascade,
                script      text        not null,
                version     text,
                description text        not null,
                state       text        not null,
                started_at  timestamptz not null,
                duration_ms bigint      not null,
                primary key (process_id, script)
            );
            """;

    /**
     * What an attempt leaves on the server, what a caller asks of it, what half-done work needs.
     */
    private static final String VERSION_2 =
            """
            alter table db_migrate.process
                add column backend_pid         integer,
                add column backend_start       timestamptz,
                add column cancel_requested_at timestamptz,
                add column half_done_script    text,
                add column half_done_indexes   text[];
            """;

    /**
     * What migrations left half-done, of which a later process must know: it belongs to the
     * database that they migrate. The two columns of version 2 knew it for one process alone.
     */
    private static final String VERSION_3 =
            """
            create table db_migrate.unsettled (
                database   text        not null,
                history    text        not null,
                script     text        not null,
                noted_at   timestamptz not null default clock_timestamp(),
                checksum   integer,
                runs_again boolean     not null,
                made       text[]      not null,
                dropped    text[]      not null,
                standing   text[]      not null,
                copies     bigint[]    not null,
                remained   bigint[],
                primary key (database, history, script)
            );
            """;

    /**
     * What is shown while a statement runs, who asked to stop, and the audit trail. A trigger
     * writes the trail, so that no change of state can be made without it, by an older function
     * neither, and in no more round trips. It looks only at updates that change what it tells: a
     * heartbeat does not call it.
     */
    private static final String VERSION_4 =
            """
            alter table db_migrate.process
                add column activity            jsonb,
                add column cancel_requested_by text;
            create index process_newest on db_migrate.process (stack, id);
            create index process_ended on db_migrate.process (stack, finished_at)
                where finished_at is not null;
            create table db_migrate.event (
                process_id  uuid        not null references db_migrate.process on delete cascade,
                number      bigint      not null generated always as identity,
                at          timestamptz not null default clock_timestamp(),
                event       text        not null,
                state       text        not null,
                attempt     integer     not null,
                identity    text,
                cause       text,
                primary key (process_id, number)
            );
            create function db_migrate.note_request() returns trigger language plpgsql as $$
            begin
                insert into db_migrate.event (process_id, event, state, attempt, identity)
                values (new.id, 'REQUESTED', new.state, new.attempt, new.identity);
                return null;
            end $$;
            create function db_migrate.note_change() returns trigger language plpgsql as $$
            declare
                ended constant boolean := new.state not in ('QUEUED', 'RUNNING');
            begin
                if old.cancel_requested_at is null and new.cancel_requested_at is not null then
                    insert into db_migrate.event (process_id, event, state, attempt, identity)
                    values (new.id, 'CANCEL_REQUESTED', old.state, new.attempt,
                            new.cancel_requested_by);
                end if;
                if new.sent > old.sent then
                    insert into db_migrate.event (process_id, event, state, attempt, cause)
                    values (new.id, 'SENT_AGAIN', new.state, new.attempt,
                            'the process was silent for a minute');
                end if;
                if new.attempt > old.attempt then
                    if old.lease_until is not null then
                        insert into db_migrate.event (process_id, event, state, attempt, cause)
                        values (new.id, 'ATTEMPT_DIED', old.state, old.attempt,
                                'its lease ran out');
                    end if;
                    insert into db_migrate.event (process_id, event, state, attempt)
                    values (new.id, 'ATTEMPT_STARTED', new.state, new.attempt);
                elsif not ended and old.lease_until is not null and new.lease_until is null then
                    insert into db_migrate.event (process_id, event, state, attempt, cause)
                    values (new.id, 'GIVEN_BACK', new.state, new.attempt,
                            concat_ws(': ', new.attempts -> -1 ->> 'reason',
                                      new.attempts -> -1 -> 'error' ->> 'code'));
                end if;
                if ended and old.state <> new.state then
                    insert into db_migrate.event
                        (process_id, event, state, attempt, identity, cause)
                    values (new.id, new.state, new.state, new.attempt,
                            case when new.state = 'CANCELED' then new.cancel_requested_by end,
                            case when new.state = 'FAILED' then new.error ->> 'code' end);
                end if;
                return null;
            end $$;
            create trigger note_request after insert on db_migrate.process
                for each row execute function db_migrate.note_request();
            create trigger note_change after update on db_migrate.process
                for each row when (
                    old.state <> new.state or old.attempt <> new.attempt or old.sent <> new.sent
                    or (old.lease_until is null) <> (new.lease_until is null)
                    or (old.cancel_requested_at is null) <> (new.cancel_requested_at is null))
                execute function db_migrate.note_change();
            """;

    /**
     * What a baseline asks for, and what a command found or did. It is json and not jsonb, so that
     * its members keep their order: nothing in the database looks into it.
     */
    private static final String VERSION_5 =
            """
            alter table db_migrate.process
                add column baseline_version     text,
                add column baseline_description text,
                add column result               json;
            """;

    /**
     * Whose idempotency key it is: the role of a session, where {@code identity} is the session. A
     * row of an older function has none, and its key is that of its identity.
     */
    private static final String VERSION_6 =
            """
            alter table db_migrate.process add column key_scope text;
            create unique index process_key_scope
                on db_migrate.process (stack, key_scope, idempotency_key)
                where idempotency_key is not null;
            """;

    /** What a migration was warned of before it began; json, as the result is. */
    private static final String VERSION_7 =
            """
            alter table db_migrate.process add column warnings json;
            """;

    /** In their order. */
    static final List<String> ALL =
            List.of(VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6, VERSION_7);

    private ProcessSchemaSteps() {}
}
