package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.sql.SQLException;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;

/** Two databases with the same files: one for db-migrate, one for plain Flyway. */
final class BesidePlainFlyway implements AutoCloseable {
    private static final String HISTORY =
            """
            select installed_rank, version, description, type, script, checksum, installed_by, success
            from flyway_schema_history order by installed_rank
            """;

    private static final String TABLE =
            """
            select attname, atttypid::regtype, attnotnull, pg_get_expr(adbin, adrelid)
            from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
            where attrelid = 'flyway_schema_history'::regclass and attnum > 0
            union all
            select indexdef, null, null, null from pg_indexes where tablename = 'flyway_schema_history'
            """;

    final RunFixture ours;
    final RunFixture plain;
    private final Path migrations;

    BesidePlainFlyway(Path migrations) {
        this.migrations = migrations;
        ours = new RunFixture(migrations);
        plain = new RunFixture(migrations);
        plain.postgres.execute("postgres", "create database " + plain.database);
    }

    @Override
    public void close() throws SQLException {
        ours.close();
        plain.close();
    }

    /** A table for each version. */
    void manyFiles(int from, int to) {
        for (int i = from; i < to; i++) {
            ours.file("V%d__n.sql".formatted(i), "create table n%d (id int)".formatted(i));
        }
    }

    /** Both run through, and leave the same history. */
    void assertBothComplete() throws SQLException {
        Ending ending = attempt(ours);
        assertTrue(ending instanceof Ending.Completed, ending::toString);
        plain(plain.database).migrate();
        assertSameHistory();
    }

    /** Neither runs through, and both leave the same history. */
    void assertBothFail() throws SQLException {
        Ending ending = attempt(ours);
        assertTrue(ending instanceof Ending.Failed, ending::toString);
        assertThrows(FlywayException.class, () -> plain(plain.database).migrate());
        assertSameHistory();
    }

    static Ending attempt(RunFixture fixture) throws SQLException {
        return fixture.attempt(fixture.claimed(), TimeLimit.none());
    }

    Flyway plain(String database) {
        FluentConfiguration configuration = PlainFlyway.on(database, migrations);
        // Else CREATE INDEX CONCURRENTLY waits for Flyway itself.
        configuration
                .getConfigurationExtension(PostgreSQLConfigurationExtension.class)
                .setTransactionalLock(false);
        return configuration.load();
    }

    void assertSameHistory() {
        assertSame(HISTORY);
        assertSame(TABLE);
    }

    void assertSame(String sql) {
        assertEquals(
                plain.postgres.query(plain.database, sql), ours.postgres.query(ours.database, sql));
    }
}
