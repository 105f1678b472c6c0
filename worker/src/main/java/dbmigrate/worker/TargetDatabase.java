package dbmigrate.worker;

import dbmigrate.database.Connector;
import dbmigrate.database.Identifier;
import dbmigrate.database.SessionSettings;
import dbmigrate.database.SqlState;
import dbmigrate.process.Backend;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * The database that is migrated.
 *
 * @param name of any form that PostgreSQL accepts
 */
record TargetDatabase(WorkerSettings settings, String name) {
    /** The target's session, and whether this process created the database for it. */
    record Opened(Connection connection, boolean created) {}

    /**
     * Opens a session, and creates the database when it is missing. Two that create it at once both
     * go on: one of them has created it.
     *
     * @throws DatabaseMissingException when it is missing and may not be created
     */
    Opened open() throws SQLException {
        Optional<Connection> existing = existing();
        if (existing.isPresent()) {
            return new Opened(existing.get(), false);
        }
        if (!settings.databases().mayCreate(name)) {
            throw new DatabaseMissingException(name);
        }
        boolean created = create();
        return new Opened(connect(), created);
    }

    /** Opens a session, and creates nothing; empty when the database is missing. */
    Optional<Connection> existing() throws SQLException {
        try {
            return Optional.of(connect());
        } catch (SQLException e) {
            if (SqlState.INVALID_CATALOG_NAME.equals(e.getSQLState())) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Opens a session with the server's maintenance database. */
    Connection maintenance() throws SQLException {
        return Connector.connect(
                settings.server().processUrl(), SessionSettings.forMigrations(Duration.ZERO));
    }

    /** Opens a session with a database that stands. */
    Connection connect() throws SQLException {
        return Connector.connect(
                settings.server().url().withDatabase(name),
                SessionSettings.forMigrations(settings.lockTimeout()));
    }

    /** False when somebody else was faster. */
    private boolean create() throws SQLException {
        try (Connection connection = maintenance();
                Statement statement = connection.createStatement()) {
            // template1 may be in use by somebody, which makes CREATE DATABASE fail; template0
            // never is.
            statement.execute("create database " + Identifier.quote(name) + " template template0");
            return true;
        } catch (SQLException e) {
            if (SqlState.saysDatabaseExists(e)) {
                return false;
            }
            throw e;
        }
    }

    /** What the server calls a session. */
    static Backend backend(Connection connection) throws SQLException {
        String sql = "select pid, backend_start from pg_stat_activity where pid = pg_backend_pid()";
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return new Backend(row.getInt(1), row.getObject(2, OffsetDateTime.class));
        }
    }
}
