package dbmigrate.process;

import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import dbmigrate.process.MigrationProcess.CurrentMigration;
import dbmigrate.process.MigrationProcess.EndedAttempt;
import dbmigrate.process.MigrationProcess.SettledMigration;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Reads a process and its migrations: two statements that travel in one round trip. */
final class ProcessReader {
    /** What {@link #process} reads beside {@code attempts}, {@code result} and {@code warnings}. */
    static final String COLUMNS =
            """
            id, command, database, state, attempt, requested_by, requested_at, started_at,
            finished_at, database_created, schema_before, schema_now, total, current_version,
            current_description, current_script, current_started_at, activity, error, fingerprint,
            state in ('QUEUED', 'RUNNING') and greatest(sent_at, heartbeat_at, lease_until)
                < clock_timestamp() - interval '60 s' as stale
            """;

    private static final String SELECT =
            """
            select version, description, script, state, started_at, duration_ms
            from db_migrate.migration
            where process_id = (select id from db_migrate.process where %1$s)
            order by started_at, script;

            select %2$s, attempts, result, warnings
            from db_migrate.process where %1$s
            """;

    private static final String BY_ID = SELECT.formatted("stack = ? and id = ?", COLUMNS);

    private static final String BY_KEY =
            SELECT.formatted(
                    """
                    id = (select id from db_migrate.process
                          where stack = ? and (key_scope = ? or identity = ?)
                            and idempotency_key = ?
                          order by id limit 1)
                    """,
                    COLUMNS);

    private ProcessReader() {}

    static Optional<MigrationProcess> byId(Connection connection, String stack, UUID id)
            throws SQLException {
        return read(connection, BY_ID, stack, id);
    }

    static Optional<MigrationProcess> byKey(
            Connection connection, String stack, Identity identity, String key)
            throws SQLException {
        return read(connection, BY_KEY, stack, identity.keyScope(), identity.text(), key);
    }

    private static Optional<MigrationProcess> read(
            Connection connection, String sql, Object... condition) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < condition.length; i++) {
                statement.setObject(i + 1, condition[i]);
                statement.setObject(condition.length + i + 1, condition[i]);
            }
            statement.execute();
            List<SettledMigration> migrations = migrations(statement.getResultSet());
            statement.getMoreResults();
            ResultSet row = statement.getResultSet();
            return row.next() ? Optional.of(process(row, migrations)) : Optional.empty();
        }
    }

    private static List<SettledMigration> migrations(ResultSet row) throws SQLException {
        List<SettledMigration> migrations = new ArrayList<>();
        while (row.next()) {
            migrations.add(
                    new SettledMigration(
                            text(row, "version"),
                            row.getString("description"),
                            row.getString("script"),
                            row.getString("state"),
                            time(row, "started_at").orElseThrow(),
                            row.getLong("duration_ms")));
        }
        return migrations;
    }

    static MigrationProcess process(ResultSet row, List<SettledMigration> migrations)
            throws SQLException {
        return new MigrationProcess(
                row.getObject("id", UUID.class),
                row.getString("command"),
                row.getString("database"),
                ProcessState.valueOf(row.getString("state")),
                row.getInt("attempt"),
                text(row, "requested_by"),
                time(row, "requested_at").orElseThrow(),
                time(row, "started_at"),
                time(row, "finished_at"),
                row.getBoolean("database_created"),
                text(row, "schema_before"),
                text(row, "schema_now"),
                Optional.ofNullable(row.getObject("total", Integer.class)),
                current(row),
                migrations,
                attempts(text(row, "attempts").orElse("[]")),
                text(row, "error").map(Failure::parse),
                text(row, "result"),
                text(row, "warnings"),
                row.getString("fingerprint"),
                row.getBoolean("stale"));
    }

    private static Optional<CurrentMigration> current(ResultSet row) throws SQLException {
        Optional<String> script = text(row, "current_script");
        return script.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new CurrentMigration(
                                text(row, "current_version"),
                                row.getString("current_description"),
                                script.get(),
                                time(row, "current_started_at").orElseThrow(),
                                text(row, "activity").map(Activity::parse)));
    }

    private static List<EndedAttempt> attempts(String json) {
        try {
            return JsonObject.of(Json.read("{\"attempts\":" + json + "}"))
                    .objects("attempts")
                    .stream()
                    .map(ProcessReader::attempt)
                    .toList();
        } catch (MalformedJsonException e) {
            throw new IllegalStateException("PostgreSQL gave attempts that are no JSON", e);
        }
    }

    private static EndedAttempt attempt(JsonObject json) {
        return new EndedAttempt(
                json.integer("attempt").orElseThrow(),
                OffsetDateTime.parse(json.string("startedAt").orElseThrow()).toInstant(),
                OffsetDateTime.parse(json.string("endedAt").orElseThrow()).toInstant(),
                json.string("reason").orElseThrow(),
                json.members().get("error") == null
                        ? Optional.empty()
                        : Optional.of(Failure.read(json.object("error"))));
    }

    private static Optional<String> text(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getString(column));
    }

    static Optional<Instant> time(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
                .map(OffsetDateTime::toInstant);
    }
}
