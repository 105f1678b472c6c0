package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What stands in the history is what plain Flyway writes, and each goes on behind the other. */
@Timeout(120)
@Tag("database")
class PlainFlywayTest {
    /** All of a history but when it was written and how long it took. */
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

    @TempDir Path migrations;

    private RunFixture ours;
    private RunFixture plain;

    @BeforeEach
    void open() {
        ours = new RunFixture(migrations);
        plain = new RunFixture(migrations);
        plain.postgres.execute("postgres", "create database " + plain.database);
    }

    @AfterEach
    void close() throws SQLException {
        ours.close();
        plain.close();
    }

    @Test
    void historyIsTheSameByteForByte() throws SQLException {
        files();
        ours();
        plain(plain.database).migrate();
        assertSame();
        more();
        ours();
        plain(plain.database).migrate();
        assertSame();
    }

    @Test
    void eachGoesOnBehindTheOther() throws SQLException {
        files();
        ours();
        assertEquals(0, plain(ours.database).migrate().migrationsExecuted);
        assertTrue(plain(ours.database).validateWithResult().validationSuccessful);
        plain(plain.database).migrate();
        assertEquals(new Ending.Completed(Optional.of("9")), attempt(plain));
        more();
        plain(ours.database).migrate();
        assertEquals(new Ending.Completed(Optional.of("10")), attempt(plain));
        assertSame();
        assertEquals(new Ending.Completed(Optional.of("10")), attempt(ours));
        assertEquals(0, plain(plain.database).migrate().migrationsExecuted);
        assertSame();
    }

    @Test
    void failureLeavesTheSameHistory() throws SQLException {
        files();
        ours.file("V10__half.sql", "create table half (id int); select 1 / 0");
        assertTrue(attempt(ours) instanceof Ending.Failed);
        assertThrows(FlywayException.class, () -> plain(plain.database).migrate());
        assertSame();
        ours.file("V10__half.sql", "create table half (id int)");
        ours();
        plain(plain.database).migrate();
        assertSame();
    }

    @Test
    void manyFilesLeaveTheSameHistory() throws SQLException {
        files();
        for (int i = 10; i < 320; i++) {
            ours.file(
                    "V%d__who.sql".formatted(i),
                    """
                    insert into public.who select current_user, current_schemas(false)::text;
                    set search_path = other;
                    set role writer_%s;
                    """
                            .formatted(ours.database));
        }
        ours.file("V101.1__concurrently.sql", "create index concurrently j on t (c)");
        assertEquals(new Ending.Completed(Optional.of("319")), attempt(ours));
        plain(plain.database).migrate();
        assertSame();
        manyFiles(320, 700);
        ours.file("R__view.sql", "create or replace view v as select id, 1 as one from t");
        assertEquals(new Ending.Completed(Optional.of("699")), attempt(ours));
        plain(plain.database).migrate();
        assertSame();
        assertTrue(plain(ours.database).validateWithResult().validationSuccessful);
    }

    @Test
    void failureAmongManyFilesLeavesTheSameHistory() throws SQLException {
        manyFiles(1, 260);
        ours.file("V221.1__half.sql", "create table half (id int); select 1 / 0");
        assertTrue(attempt(ours) instanceof Ending.Failed);
        assertThrows(FlywayException.class, () -> plain(plain.database).migrate());
        assertSameHistory();
        ours.file("V221.1__half.sql", "create table half (id int)");
        ours();
        plain(plain.database).migrate();
        assertSameHistory();
    }

    @Test
    void fileThatWasChangedStopsManyBeforeTheFirst() throws SQLException {
        manyFiles(1, 3);
        ours();
        ours.file("V2__n.sql", "create table other_n (id int)");
        manyFiles(3, 300);
        assertTrue(attempt(ours) instanceof Ending.Failed);
        assertEquals(
                List.of("2"),
                ours.postgres.query(ours.database, "select count(*) from flyway_schema_history"));
    }

    private void manyFiles(int from, int to) {
        for (int i = from; i < to; i++) {
            ours.file("V%d__n.sql".formatted(i), "create table n%d (id int)".formatted(i));
        }
    }

    /** Of each kind one, and what they change of the session must not reach the next one. */
    private void files() {
        String role = "writer_" + ours.database;
        for (RunFixture fixture : List.of(ours, plain)) {
            fixture.postgres.execute(
                    "postgres",
                    "do $$ begin if to_regrole('%1$s') is null then create role %1$s; end if; end $$"
                            .formatted(role));
        }
        ours.file(
                        "V1__init.sql",
                        "create table t (id int primary key, c text);\ninsert into t values (1, 'é');")
                .file("V2__role.sql", "set role " + role)
                .file(
                        "V3__path.sql",
                        "create schema other; set search_path = other; create table there (id int)")
                .file(
                        "V4__who.sql",
                        "create table who as select current_user::text as name, current_schemas(false)::text as path")
                .file("V5__concurrently.sql", "create index concurrently i on t (c)")
                .file("V6__behind.sql", "alter table t add d int default 1; analyze t")
                .file(
                        "V7__commit.sql",
                        "create table one (id int); commit; create table two (id int)")
                .file(
                        "V8__function.sql",
                        "create function public.version() returns text language sql as $$ select 'CockroachDB' $$")
                .file("V9__reset.sql", "reset role; reset search_path; discard plans")
                .file("R__view.sql", "create or replace view v as select id from t");
    }

    private void more() {
        ours.file("V10__more.sql", "alter table t add e int")
                .file("R__view.sql", "create or replace view v as select id, 1 as one from t")
                .file("R__other.sql", "create or replace view w as select 1 as one");
    }

    private void ours() throws SQLException {
        assertTrue(attempt(ours) instanceof Ending.Completed);
    }

    private static Ending attempt(RunFixture fixture) throws SQLException {
        return fixture.attempt(fixture.claimed(), TimeLimit.none());
    }

    private Flyway plain(String database) {
        FluentConfiguration configuration = PlainFlyway.on(database, migrations);
        // Else CREATE INDEX CONCURRENTLY waits for Flyway itself.
        configuration
                .getConfigurationExtension(PostgreSQLConfigurationExtension.class)
                .setTransactionalLock(false);
        return configuration.load();
    }

    private void assertSame() {
        assertSameHistory();
        assertSame("select * from who");
    }

    private void assertSameHistory() {
        assertSame(HISTORY);
        assertSame(TABLE);
    }

    private void assertSame(String sql) {
        assertEquals(
                plain.postgres.query(plain.database, sql), ours.postgres.query(ours.database, sql));
    }
}
