package dbmigrate.warnings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.parser.PostgresParser;
import dbmigrate.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What each rule warns of in a database with tables, and of what it does not. */
@Tag("database")
class WarningsTest {
    static final String TABLES =
            """
            create type mood as enum ('good');
            create table parents (id int primary key);
            create table orders (
                id int primary key, note varchar(10), price numeric(10,2), at timestamp(3),
                flag char(3), net cidr, maybe int, never int not null, big text, parent int,
                constraint maybe_there check (parent is not null));
            create index orders_note on orders (note);
            create view seen as select 1 as one;
            create materialized view summed as select 1 as one;
            create sequence counted;
            create schema other;
            create table other.things (id int);
            create function noisy() returns int language plpgsql volatile as 'begin return 1; end';
            create table parted (id int) partition by range (id);
            create table part (id int);
            insert into orders (id, never, parent) select n, n, n from generate_series(1, 42) n;
            analyze orders;
            """;

    /** The rule, and a statement or several (parted by two semicolons) of one script. */
    static final List<String> DANGEROUS =
            List.of(
                    "add-check: alter table orders add check (id > 0)",
                    "add-check: alter table orders add column x int check (x > 0)",
                    "add-column-rewrite: alter table orders add column x float default random()",
                    "add-column-rewrite: alter table orders add column x int default 1 + noisy()",
                    "add-column-rewrite: alter table orders add column x uuid default gen_random_uuid()",
                    "add-column-rewrite: alter table orders add column x bigserial",
                    "add-column-rewrite: alter table orders add column x int generated always as identity",
                    "add-column-rewrite: alter table orders add column x int generated always as (id + 1) stored",
                    "add-column-not-null: alter table orders add column x int not null",
                    "add-exclusion: alter table orders add exclude using gist (at with =)",
                    "add-foreign-key: alter table orders add foreign key (parent) references parents",
                    "add-foreign-key: alter table orders add column x int default 1 references parents",
                    "add-unique: alter table orders add unique (note)",
                    "add-unique: alter table other.things add primary key (id)",
                    "add-unique: alter table orders add column x int unique",
                    "alter-system: alter system set work_mem = '1GB'",
                    "attach-partition: alter table parted attach partition part for values from (1) to (2)",
                    "change-column-type: alter table orders alter id type bigint",
                    "change-column-type: alter table orders alter note type varchar(5)",
                    "change-column-type: alter table orders alter price type numeric(12,3)",
                    "change-column-type: alter table orders alter at type timestamptz",
                    "change-column-type: alter table orders alter flag type char(4)",
                    "change-column-type: alter table orders alter big type varchar(3)",
                    "change-column-type: alter table orders alter note type text using upper(note)",
                    "change-column-type: alter table orders alter maybe type int[] using array[maybe]",
                    "cluster: cluster orders using orders_pkey",
                    "cluster: cluster",
                    "create-index: create index on orders (note)",
                    "create-index: create unique index if not exists x on public.orders (note)",
                    "disable-trigger: alter table orders disable trigger all",
                    "disable-trigger: alter table orders disable trigger user",
                    "drop-cascade: drop function noisy() cascade",
                    "drop-cascade: drop owned by current_user",
                    "drop-cascade: alter table orders drop constraint maybe_there cascade",
                    "drop-column: alter table orders drop column note",
                    "drop-column: alter table if exists only orders drop if exists note",
                    "drop-database: drop database postgres",
                    "drop-index: drop index orders_note",
                    "drop-schema: drop schema other",
                    "drop-table: drop table other.things",
                    "drop-table: drop materialized view summed",
                    "drop-view: drop view seen",
                    "enum-value-used: alter type mood add value 'bad';; create table x (a mood default 'bad')",
                    "lock-table: lock table orders",
                    "lock-table: lock table orders in share mode",
                    "not-read: alter table orders add column and",
                    "refresh-materialized-view: refresh materialized view summed",
                    "reindex: reindex table orders",
                    "reindex: reindex index orders_note",
                    "reindex: reindex schema public",
                    "rename-column: alter table orders rename note to notes",
                    "rename-table: alter table orders rename to purchases",
                    "rename-table: alter view seen rename to sight",
                    "rename-table: alter table orders set schema other",
                    "rewrite-table: alter table orders set unlogged",
                    "rewrite-table: alter table orders set tablespace pg_default",
                    "set-not-null: alter table orders alter maybe set not null",
                    "set-not-null: alter table orders add constraint x not null maybe",
                    "truncate: truncate orders",
                    "truncate: truncate table only orders, nothing restart identity",
                    "unknown-rule: -- db-migrate: accept all because I say so\nselect 1",
                    "unknown-rule: -- db-migrate: accept truncate\nselect 1",
                    "vacuum-full: vacuum full orders",
                    "vacuum-full: vacuum (full true, analyze)",
                    "validate-with-add: alter table orders add constraint x check (id > 0) not valid;; alter table orders validate constraint x",
                    "write-all-rows: update orders set note = null",
                    "write-all-rows: delete from orders",
                    "write-all-rows: update orders set maybe = (select 1 from parents where id = 1)",
                    "write-all-rows: with gone as (delete from orders returning *) select * from gone",
                    "write-all-rows: select 1;; /* it's */ DELETE\nFROM ONLY \"orders\"");

    static final List<String> HARMLESS =
            List.of(
                    "create table x (a int, check (a > 0));; create index on x (a);; alter table x add unique (a)",
                    "alter table orders add check (id > 0) not valid",
                    "alter table orders add constraint x check (id > 0) not enforced",
                    "alter table orders add constraint x foreign key (parent) references parents not valid",
                    "alter table orders add column x int references parents",
                    "alter table orders add column x int default 7 not null",
                    "alter table orders add column x timestamptz default now() not null",
                    "alter table orders add column x timestamptz default current_timestamp",
                    "alter table orders add column x int generated always as (id + 1) virtual",
                    "alter table orders add constraint x unique using index y",
                    "alter table orders alter note type varchar(11)",
                    "alter table orders alter note type varchar",
                    "alter table orders alter note type text using note::text",
                    "alter table orders alter price type numeric(12,2)",
                    "alter table orders alter price type numeric",
                    "alter table orders alter at type timestamp",
                    "alter table orders alter net type inet",
                    "alter table orders alter big type varchar",
                    "alter table orders alter id type int4",
                    "alter table orders alter never set not null",
                    "alter table orders alter parent set not null",
                    "alter table orders add constraint x check (maybe is not null) not valid",
                    "alter table orders alter maybe set default random()",
                    "alter table orders alter never drop not null",
                    "create index concurrently x on orders (note)",
                    "drop index concurrently orders_note",
                    "reindex (concurrently) table orders",
                    "reindex index concurrently orders_note",
                    "refresh materialized view concurrently summed",
                    "drop table if exists nothing cascade",
                    "drop table if exists other.orders",
                    "drop view seen;; create view seen as select 2 as one",
                    "alter table orders rename to purchases;; create view orders as select * from purchases",
                    "alter index orders_note rename to x",
                    "alter table nothing drop column x",
                    "alter table orders drop column if exists nothing",
                    "lock table orders in row exclusive mode",
                    "vacuum analyze orders",
                    "vacuum (full false) orders",
                    "update orders set note = 'x' where id = 1",
                    "delete from orders using parents where parents.id = parent",
                    "update nothing set a = 1",
                    "insert into orders (id, never) values (1, 1) on conflict do nothing",
                    "insert into orders (big) values ('drop table orders')",
                    "-- drop table orders\nselect 1",
                    "alter type mood add value 'bad'",
                    "alter type mood add value 'bad';; select 'good'",
                    "alter type mood rename value 'good' to 'bad'",
                    "do $$ begin perform 1; end $$");

    private static final PostgresParser PARSER = PostgresParser.load();

    private static TestPostgres postgres;
    private static String database;
    private static Connection connection;

    @BeforeAll
    static void open() throws SQLException {
        postgres = TestPostgres.shared();
        database = postgres.newName("warned");
        postgres.execute("postgres", "create database " + database);
        postgres.execute(database, TABLES);
        connection = postgres.connect(database);
        inBerlin(connection);
    }

    @AfterAll
    static void close() throws SQLException {
        connection.close();
        postgres.execute("postgres", "drop database " + database + " with (force)");
    }

    /** The driver sets the time zone of the JVM. */
    static void inBerlin(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("set timezone = 'Europe/Berlin'");
        }
    }

    private static Script script(String name, boolean transactional, String sql) {
        List<Script.Statement> statements = new ArrayList<>();
        for (String one : sql.split(";;")) {
            String bare =
                    one.replaceAll("--.*|/\\*.*?\\*/", " ").replaceAll("'[^']*'", "'…'").strip();
            statements.add(new Script.Statement(one, bare, 1 + statements.size()));
        }
        return new Script(name, transactional, statements);
    }

    private static List<Warning> warnings(Script... scripts) throws SQLException {
        return Warnings.of(
                List.of(scripts),
                new Catalog(connection, "public"),
                sql -> sql.replaceAll("'[^']*'", "'…'"),
                () -> PARSER);
    }

    private static List<String> rules(List<Warning> warnings) {
        return warnings.stream().map(warning -> warning.rule().id()).toList();
    }

    @ParameterizedTest
    @FieldSource("DANGEROUS")
    void dangerousStatementIsWarnedOf(String expected) throws SQLException {
        String rule = expected.substring(0, expected.indexOf(':'));
        String sql = expected.substring(expected.indexOf(':') + 2);
        assertEquals(List.of(rule), rules(warnings(script("V1__a.sql", true, sql))));
    }

    @ParameterizedTest
    @FieldSource("HARMLESS")
    void harmlessStatementIsNot(String sql) throws SQLException {
        assertEquals(List.of(), rules(warnings(script("V1__a.sql", true, sql))));
    }

    @Test
    void everyRuleHasAStatement() {
        Set<String> shown =
                DANGEROUS.stream()
                        .map(line -> line.substring(0, line.indexOf(':')))
                        .collect(Collectors.toSet());
        assertEquals(Arrays.stream(Rule.values()).map(Rule::id).collect(Collectors.toSet()), shown);
    }

    @Test
    void warningTellsWhereAndHowMuchAndNoValues() throws SQLException {
        Warning warning =
                warnings(
                                script(
                                        "V7__x.sql",
                                        true,
                                        "select 1;; alter table orders\n add check (note <> 'secret')"))
                        .getFirst();
        assertEquals("V7__x.sql", warning.script());
        assertEquals(2, warning.line());
        assertEquals(Optional.of("public.orders"), warning.object());
        assertEquals(Optional.of(42L), warning.rows());
        assertEquals(" alter table orders add check (note <> '…')", warning.statement());
        assertEquals(Optional.empty(), warning.accepted());
    }

    @Test
    void timestampsAreStoredAlikeInASessionWhoseTimeIsUtc() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("set timezone = 'UTC'");
            String sql = "alter table orders alter at type timestamptz";
            assertEquals(List.of(), warnings(script("V1__a.sql", true, sql)));
        } finally {
            inBerlin(connection);
        }
    }

    @Test
    void tableWithoutStatisticsHasNoNumberOfRows() throws SQLException {
        assertEquals(
                Optional.empty(),
                warnings(script("V1__a.sql", true, "truncate parents")).getFirst().rows());
    }

    @Test
    void commentAcceptsTheRulesThatItNamesAndNoOther() throws SQLException {
        String sql =
                """
                -- db-migrate: accept drop-column, add-check because nobody reads it any more
                alter table orders drop column note, add check (id > 0), add unique (big)
                """;
        assertEquals(
                List.of(
                        "drop-column nobody reads it any more",
                        "add-check nobody reads it any more",
                        "add-unique "),
                warnings(script("V1__a.sql", true, sql)).stream()
                        .map(one -> one.rule().id() + " " + one.accepted().orElse(""))
                        .toList());
    }

    @Test
    void commentHoldsForItsStatementAlone() throws SQLException {
        String sql =
                "-- db-migrate: accept truncate because it is a cache\ntruncate orders;; truncate parents";
        assertEquals(
                List.of(true, false),
                warnings(script("V1__a.sql", true, sql)).stream()
                        .map(one -> one.accepted().isPresent())
                        .toList());
    }

    @Test
    void tableThatAnEarlierMigrationDropsIsGone() throws SQLException {
        Script first = script("V1__a.sql", true, "drop table orders");
        Script second =
                script(
                        "V2__b.sql",
                        true,
                        "create table orders (id int);; create index on orders (id)");
        assertEquals(List.of("drop-table"), rules(warnings(first, second)));
    }

    @Test
    void tableThatAnEarlierMigrationRenamesIsKnownByItsNewName() throws SQLException {
        Script first = script("V1__a.sql", true, "alter table orders rename to purchases");
        Script second =
                script("V2__b.sql", true, "create index on purchases (id);; truncate orders");
        assertEquals(List.of("rename-table", "create-index"), rules(warnings(first, second)));
    }

    @Test
    void nullIsRuledOutByACheckThatAnEarlierMigrationValidates() throws SQLException {
        Script first =
                script(
                        "V1__a.sql",
                        true,
                        "alter table orders add constraint x check (maybe is not null) not valid");
        Script second = script("V2__b.sql", true, "alter table orders validate constraint x");
        Script third = script("V3__c.sql", true, "alter table orders alter maybe set not null");
        assertEquals(List.of(), warnings(first, second, third));
    }

    @Test
    void constraintMayBeValidatedWithItsAdditionWhereNoTransactionHoldsTheLock()
            throws SQLException {
        String sql =
                "alter table orders add constraint x check (id > 0) not valid;; alter table orders validate constraint x";
        assertEquals(List.of(), warnings(script("V1__a.sql", false, sql)));
    }

    @Test
    void whatIsTooMuchToReadIsSaidNotToBeRead() throws SQLException {
        String sql =
                "truncate orders;; truncate orders, " + "x".repeat(100_000) + ";; truncate parents";
        assertEquals(
                List.of("truncate", "not-read", "not-read"),
                rules(warnings(script("V1__a.sql", true, sql))));
    }

    @Test
    void databaseWithoutTablesIsEmpty() throws SQLException {
        String fresh = postgres.newName("fresh");
        postgres.execute("postgres", "create database " + fresh);
        postgres.execute(fresh, "create table flyway_schema_history (a int); create schema x");
        try (Connection own = postgres.connect(fresh)) {
            assertTrue(new Catalog(own, "public").isEmpty("flyway_schema_history"));
        }
        assertFalse(new Catalog(connection, "public").isEmpty("flyway_schema_history"));
        postgres.execute("postgres", "drop database " + fresh);
    }

    @Test
    void everyRuleSaysWhyAndWhatElseAndHasARowInTheDocument() throws IOException {
        String document = Files.readString(Path.of("../docs/warnings.md"));
        for (Rule rule : EnumSet.allOf(Rule.class)) {
            assertFalse(rule.why().isBlank());
            assertFalse(rule.safeWay().isBlank());
            assertTrue(document.contains("\n| `" + rule.id() + "` |"), rule.id());
        }
    }
}
