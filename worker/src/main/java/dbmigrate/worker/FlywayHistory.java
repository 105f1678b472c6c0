package dbmigrate.worker;

import dbmigrate.database.Identifier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.util.Optional;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;

/**
 * Flyway's history, where something is asked of it or done to it that Flyway has no command for.
 *
 * @param table with its schema, both quoted
 */
record FlywayHistory(Connection connection, String table) {
    static FlywayHistory of(Connection connection, Configuration configuration)
            throws SQLException {
        String table =
                Identifier.quote(schema(connection, configuration))
                        + "."
                        + Identifier.quote(configuration.getTable());
        return new FlywayHistory(connection, table);
    }

    /** Where Flyway works: its default schema, else the session's. */
    static String schema(Connection connection, Configuration configuration) throws SQLException {
        String schema = configuration.getDefaultSchema();
        if (schema != null) {
            return schema;
        }
        return configuration.getSchemas().length > 0
                ? configuration.getSchemas()[0]
                : String.valueOf(connection.getSchema());
    }

    /** Whether there is one. */
    boolean exists() throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select to_regclass(?) is not null")) {
            select.setString(1, table);
            ResultSet row = select.executeQuery();
            row.next();
            return row.getBoolean(1);
        }
    }

    /**
     * How long a versioned migration took that the history calls applied; empty for every other.
     *
     * @throws SQLException 42P01 where there is no history
     */
    Optional<Duration> applied(String script) throws SQLException {
        String sql =
                "select execution_time from %s where script = ? and version is not null and success"
                        .formatted(table);
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, script);
            ResultSet row = select.executeQuery();
            return row.next() ? Optional.of(Duration.ofMillis(row.getLong(1))) : Optional.empty();
        }
    }

    /** Writes the row that Flyway writes when a migration fails that no roll-back undoes. */
    void fail(MigrationInfo migration, Optional<Integer> checksum) throws SQLException {
        insert(migration, checksum, false);
    }

    /** Writes that a migration is applied, so that Flyway goes on behind it. */
    void pretend(MigrationInfo migration) throws SQLException {
        insert(migration, AppliedMigrations.resolvedChecksum(migration), true);
    }

    private void insert(MigrationInfo migration, Optional<Integer> checksum, boolean success)
            throws SQLException {
        String sql =
                """
                insert into %1$s (installed_rank, version, description, type, script, checksum,
                                  installed_by, execution_time, success)
                select coalesce(max(installed_rank), 0) + 1, ?, ?, ?, ?, ?, current_user, 0, ?
                from %1$s
                """
                        .formatted(table);
        MigrationVersion version = migration.getVersion();
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setString(1, version == null ? null : version.getVersion());
            insert.setString(2, migration.getDescription());
            insert.setString(3, migration.getType().name());
            insert.setString(4, migration.getScript());
            insert.setObject(5, checksum.orElse(null), Types.INTEGER);
            insert.setBoolean(6, success);
            insert.executeUpdate();
        }
    }

    /** Deletes the row of a failure, so that Flyway runs the migration as if for the first time. */
    void forgetFailure(int rank) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement(
                        "delete from " + table + " where installed_rank = ? and not success")) {
            delete.setInt(1, rank);
            delete.executeUpdate();
        }
    }
}
