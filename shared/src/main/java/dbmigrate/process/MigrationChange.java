package dbmigrate.process;

import static java.sql.Types.BIGINT;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * The step from the migration that runs to the next one.
 *
 * @param settlement what became of the one that ran
 * @param next empty where none follows
 */
record MigrationChange(Settlement settlement, Optional<NextMigration> next) {
    /**
     * Writes it, as {@link Attempts#advance} says.
     *
     * @param also what else the update takes its rows from: nothing, or a comma and a function
     */
    boolean write(ProcessConnection rows, Attempt attempt, String also) throws SQLException {
        String sql =
                """
                with was as (
                    select * from db_migrate.process
                    where id = ? and attempt = ? and state = 'RUNNING'
                    for update
                ), settled as (
                    insert into db_migrate.migration
                        (process_id, script, version, description, state, started_at, duration_ms)
                    select id, current_script, current_version, current_description, ?,
                           current_started_at,
                           coalesce(?,
                               extract(epoch from clock_timestamp() - current_started_at) * 1000)
                    from was where current_script <> coalesce(?, '')
                    on conflict (process_id, script) do update
                    set state = excluded.state, started_at = excluded.started_at,
                        duration_ms = excluded.duration_ms
                    returning version
                )
                update db_migrate.process
                set heartbeat_at = clock_timestamp(),
                    current_script = ?, current_version = ?, current_description = ?,
                    current_started_at = case when ?::text is not null then clock_timestamp() end,
                    activity = null,
                    schema_now = coalesce(
                        case when ? = 'applied' then (select version from settled) end,
                        process.schema_now)
                from was%s where process.id = was.id
                """
                        .formatted(also);
        String script = next.map(NextMigration::script).orElse(null);
        return rows.call(connection -> {
            try (PreparedStatement update = connection.prepareStatement(sql)) {
                update.setObject(1, attempt.processId());
                update.setInt(2, attempt.number());
                update.setString(3, settlement.state());
                update.setObject(4, settlement.took().map(Duration::toMillis).orElse(null), BIGINT);
                update.setString(5, script);
                update.setString(6, script);
                update.setString(7, next.flatMap(NextMigration::version).orElse(null));
                update.setString(8, next.map(NextMigration::description).orElse(null));
                update.setString(9, script);
                update.setString(10, settlement.state());
                return update.executeUpdate() == 1;
            }
        });
    }
}
