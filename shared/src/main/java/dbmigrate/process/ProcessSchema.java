package dbmigrate.process;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The schema {@code db_migrate}, made and upgraded on demand by {@link ProcessSchemaSteps}. */
final class ProcessSchema {
    /** Any number that nobody else takes; it is the ASCII of "dbmproc". */
    private static final long ADVISORY_KEY = 0x64_62_6d_70_72_6f_63L;

    private ProcessSchema() {}

    /**
     * Makes or upgrades the schema in one transaction, one caller at a time. Leaves the connection
     * in auto-commit mode.
     *
     * @throws SQLException 42501 where the role may not create a schema in this database
     */
    static void prepare(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("select pg_advisory_xact_lock(" + ADVISORY_KEY + ")");
            // CREATE SCHEMA IF NOT EXISTS would ask for the right to create it even where it
            // stands.
            if (isMissing(statement)) {
                statement.execute("create schema db_migrate");
                statement.execute("create table db_migrate.version (version integer not null)");
                statement.execute("insert into db_migrate.version values (0)");
            }
            for (int version = version(statement);
                    version < ProcessSchemaSteps.ALL.size();
                    version++) {
                statement.execute(ProcessSchemaSteps.ALL.get(version));
                statement.execute("update db_migrate.version set version = " + (version + 1));
            }
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private static boolean isMissing(Statement statement) throws SQLException {
        try (ResultSet row =
                statement.executeQuery("select to_regnamespace('db_migrate') is null")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static int version(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("select version from db_migrate.version")) {
            row.next();
            return row.getInt(1);
        }
    }
}
