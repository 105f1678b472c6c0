package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.flywaydb.core.api.FlywayException;
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
    @TempDir Path migrations;

    private BesidePlainFlyway both;
    private RunFixture ours;
    private RunFixture plain;

    @BeforeEach
    void open() {
        both = new BesidePlainFlyway(migrations);
        ours = both.ours;
        plain = both.plain;
    }

    @AfterEach
    void close() throws SQLException {
        both.close();
    }

    @Test
    void historyIsTheSameByteForByte() throws SQLException {
        files();
        ours();
        both.plain(plain.database).migrate();
        assertSame();
        more();
        ours();
        both.plain(plain.database).migrate();
        assertSame();
    }

    @Test
    void eachGoesOnBehindTheOther() throws SQLException {
        files();
        ours();
        assertEquals(0, both.plain(ours.database).migrate().migrationsExecuted);
        assertTrue(both.plain(ours.database).validateWithResult().validationSuccessful);
        both.plain(plain.database).migrate();
        assertEquals(new Ending.Completed(Optional.of("9")), BesidePlainFlyway.attempt(plain));
        more();
        both.plain(ours.database).migrate();
        assertEquals(new Ending.Completed(Optional.of("10")), BesidePlainFlyway.attempt(plain));
        assertSame();
        assertEquals(new Ending.Completed(Optional.of("10")), BesidePlainFlyway.attempt(ours));
        assertEquals(0, both.plain(plain.database).migrate().migrationsExecuted);
        assertSame();
    }

    @Test
    void failureLeavesTheSameHistory() throws SQLException {
        files();
        ours.file("V10__half.sql", "create table half (id int); select 1 / 0");
        assertTrue(BesidePlainFlyway.attempt(ours) instanceof Ending.Failed);
        assertThrows(FlywayException.class, () -> both.plain(plain.database).migrate());
        assertSame();
        ours.file("V10__half.sql", "create table half (id int)");
        ours();
        both.plain(plain.database).migrate();
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
        assertEquals(new Ending.Completed(Optional.of("319")), BesidePlainFlyway.attempt(ours));
        both.plain(plain.database).migrate();
        assertSame();
        both.manyFiles(320, 700);
        ours.file("R__view.sql", "create or replace view v as select id, 1 as one from t");
        assertEquals(new Ending.Completed(Optional.of("699")), BesidePlainFlyway.attempt(ours));
        both.plain(plain.database).migrate();
        assertSame();
        assertTrue(both.plain(ours.database).validateWithResult().validationSuccessful);
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
        assertTrue(BesidePlainFlyway.attempt(ours) instanceof Ending.Completed);
    }

    private void assertSame() {
        both.assertSameHistory();
        both.assertSame("select * from who");
    }
}
