package dbmigrate.worker;

import static dbmigrate.worker.CommandFixture.code;
import static dbmigrate.worker.CommandFixture.pairs;
import static dbmigrate.worker.CommandFixture.result;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dbmigrate.process.Command;
import dbmigrate.process.FailureCode;
import dbmigrate.process.MigrationProcess;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Schemas that are not easily copied, and what a copy says it has not. */
@Tag("database")
@Timeout(120)
class RehearsalCopyTest {
    /** All of them, as text. */
    private static final String STATISTICS =
            """
            select concat_ws(' ', relname, relpages, reltuples, relallvisible, relallfrozen)
            from pg_class where relnamespace = 'app'::regnamespace and relkind in ('r', 'p', 'm')
            union all select s::text from pg_stats s where schemaname = 'app' order by 1
            """;

    @TempDir Path migrations;

    private CommandFixture fixture;

    @BeforeEach
    void open() throws SQLException {
        fixture = new CommandFixture(migrations);
        fixture.file("V1__a.sql", "create table a (id int primary key);");
        fixture.migrated();
        fixture.file("V2__b.sql", "create table b ();");
    }

    @AfterEach
    void close() throws SQLException {
        fixture.close();
    }

    @Test
    void roleThatADoBlockWouldMakeOnTheServerIsNotMade() throws SQLException {
        fixture.file(
                "V3__role.sql",
                """
                do $$ begin
                    if not exists (select from pg_roles where rolname = 'db_migrate_test_nobody') then
                        create role db_migrate_test_nobody;
                    end if;
                end $$;
                """);
        MigrationProcess row = fixture.row(Command.REHEARSE_COPY);
        assertEquals(Optional.empty(), row.error());
        assertEquals(
                List.of("V2__b.sql ran", "V3__role.sql notRun"),
                pairs(row, "rehearsed", "script", "state"));
        assertEquals(
                List.of(),
                fixture.query("select 1 from pg_roles where rolname = 'db_migrate_test_nobody'"));
    }

    @Test
    void copyOfADatabaseWithoutTheSchemaPublicHasNone() throws SQLException {
        fixture.execute("create schema app; drop schema public cascade");
        fixture.run.with(Map.of("FLYWAY_DEFAULT_SCHEMA", "app"));
        fixture.file("V3__public.sql", "create schema public;");
        MigrationProcess row = fixture.row(Command.REHEARSE_COPY);
        assertEquals(Optional.empty(), row.error());
    }

    @Test
    void whatOnlyASuperuserMayMakeIsLeftOutByName() throws SQLException {
        String role = owner();
        try {
            fixture.execute(
                    "create function privileged(internal) returns internal language internal as 'int4in'");
            MigrationProcess row = fixture.row(Command.REHEARSE_COPY);
            assertEquals(Optional.empty(), row.error());
            assertEquals(
                    List.of("function public.privileged(pg_catalog.internal)"),
                    result(row).members().get("notCopied"));
        } finally {
            drop(role);
        }
    }

    @Test
    void whatRestsOnThatIsAFailure() throws SQLException {
        String role = owner();
        try {
            fixture.execute(
                    """
                    create function privileged(int) returns int language internal as 'int4up';
                    create view resting as select privileged(id) from a;
                    """);
            assertEquals(FailureCode.SCHEMA_NOT_COPIED, code(fixture.row(Command.REHEARSE_COPY)));
        } finally {
            drop(role);
        }
    }

    @Test
    void functionThatReliesOnTheSearchPathIsCopied() throws SQLException {
        fixture.execute(
                """
                create function inner_one(int) returns int immutable language sql as 'select $1';
                create function outer_one(int) returns int immutable language sql as 'select inner_one($1)';
                create table resting (id int check (outer_one(id) > 0));
                """);
        assertEquals(Optional.empty(), fixture.row(Command.REHEARSE_COPY).error());
    }

    @Test
    void settingsOfTheRoleInTheDatabaseHoldInACopy() throws SQLException {
        String role = owner();
        try {
            fixture.execute(
                    """
                    create schema app authorization %1$s;
                    alter database %2$s set search_path = pg_catalog;
                    alter role %1$s in database %2$s set search_path = app;
                    """
                            .formatted(role, fixture.run.database));
            fixture.run.with(Map.of("FLYWAY_DEFAULT_SCHEMA", "public"));
            fixture.file(
                    "V2__b.sql",
                    "do $$ begin assert current_setting('search_path') like '%app%', current_setting('search_path'); end $$;");
            assertEquals(Optional.empty(), fixture.row(Command.REHEARSE_COPY).error());
        } finally {
            drop(role);
        }
    }

    @Test
    void whatIsOfARareKindIsLeftOutByName() throws SQLException {
        fixture.execute(
                """
                create operator family of using btree;
                create text search dictionary d (template = simple);
                create foreign data wrapper w;
                create type shell;
                create conversion c for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
                """);
        MigrationProcess row = fixture.row(Command.REHEARSE_COPY);
        assertEquals(Optional.empty(), row.error());
        assertEquals(
                List.of(
                        "conversion public.c",
                        "foreign-data wrapper w",
                        "operator family public.of USING btree",
                        "shell type public.shell",
                        "text search dictionary public.d"),
                result(row).members().get("notCopied"));
    }

    @Test
    void materializedViewThatFailsOnEmptyTablesStaysUnpopulated() throws SQLException {
        fixture.execute(
                """
                insert into a values (1);
                create materialized view share as select 1 / count(*) as of_all from a;
                create materialized view empty as select 1 as one with no data;
                """);
        fixture.file("V2__b.sql", "create index on share (of_all);")
                .file("V3__c.sql", "select * from empty;");
        MigrationProcess row = fixture.row(Command.REHEARSE_COPY);
        assertEquals(
                List.of("V2__b.sql ran", "V3__c.sql failed"),
                pairs(row, "rehearsed", "script", "state"));
    }

    @Test
    void invalidIndexIsLeftOutByName() throws SQLException {
        fixture.execute("create table doubled as select 1 as id from generate_series(1, 2)");
        assertThrows(
                RuntimeException.class,
                () -> fixture.execute("create unique index concurrently broken on doubled (id)"));
        MigrationProcess row = fixture.row(Command.REHEARSE_COPY);
        assertEquals(Optional.empty(), row.error());
        assertEquals(
                List.of("invalid index public.broken"), result(row).members().get("notCopied"));
    }

    /** PostgreSQL 18 lets the owner of a table restore them. */
    @Test
    void statisticsOfTheTablesAreCopiedWhereTheyAreWanted() throws SQLException {
        assumeTrue(
                Integer.parseInt(fixture.query("show server_version_num").getFirst()) >= 180_000,
                "what an older server says is InstalledRehearsalTest's");
        String role = owner();
        try {
            fixture.execute(
                    """
                    set role %s;
                    create schema app;
                    create table app."Big" (id int, kind text, many int[], span int4range,
                                            secret text) partition by range (id);
                    create table app.first partition of app."Big" for values from (0) to (2000);
                    insert into app."Big"
                    select g, 'it''s ' || g %% 3, array[g %% 5, g %% 7], int4range(g, g + 9), 'hunter2'
                    from generate_series(1, 1000) g;
                    create materialized view app.m as select id from app."Big" where id < 100;
                    create type app.mood as enum ('glad', 'sad');
                    create table app.moods as select 'sad'::app.mood as mood from app.m;
                    analyze app."Big"; analyze app.m; analyze app.moods;
                    """
                            .formatted(role));
            List<String> expected = fixture.query(STATISTICS);
            // Of four tables, and of twelve columns: those of the first partition, and of all.
            assertEquals(16, expected.size());
            fixture.file(
                    "V2__b.sql",
                    """
                    do $$ begin
                        if array(%s) <> %s::text[] then
                            raise exception '%%', array(%1$s);
                        end if;
                    end $$;
                    """
                            .formatted(STATISTICS, literal(expected)));
            MigrationProcess row = fixture.row(Command.REHEARSE_COPY_STATISTICS);
            assertEquals(Optional.empty(), row.error());
            assertEquals(List.of(), result(row).members().get("notCopied"));
            assertFalse(row.toString().contains("hunter2"));
            // Only where they are wanted.
            assertEquals(FailureCode.SQL_FAILED, code(fixture.row(Command.REHEARSE_COPY)));
        } finally {
            drop(role);
        }
    }

    private static String literal(List<String> texts) {
        return texts.stream()
                .map(text -> "'" + text.replace("'", "''") + "'")
                .collect(Collectors.joining(", ", "array[", "]"));
    }

    /** The worker is somebody who owns the database and is no superuser. */
    private String owner() throws SQLException {
        String role = fixture.run.postgres.newName("owner");
        fixture.execute(
                """
                create role %1$s login createdb password 'x';
                alter database %2$s owner to %1$s;
                grant all on all tables in schema public to %1$s;
                grant all on schema public to %1$s;
                """
                        .formatted(role, fixture.run.database));
        fixture.run.server(fixture.run.postgres.url(role, "x", fixture.run.database), "postgres");
        return role;
    }

    private void drop(String role) throws SQLException {
        fixture.execute("alter database %s owner to current_user".formatted(fixture.run.database));
        fixture.execute("drop owned by " + role + " cascade");
        fixture.execute("drop role " + role);
    }
}
