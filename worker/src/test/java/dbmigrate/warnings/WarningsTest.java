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
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
            create domain any_int as int;
            create domain label as text;
            create domain long_note as varchar(20);
            create domain positive as int check (value > 0);
            create domain more as positive;
            create table items (
                id int, name text, made timestamp, kind int, count positive, code varchar(5),
                sign varchar(5), seen int check (seen > 0), odd int);
            create index items_key on items (id, name);
            create index items_code on items (lower(code));
            create index items_sign on items (id) where sign is not null;
            create table ranged (id int) partition by range (id);
            create table ranged_one partition of ranged for values from (1) to (2);
            create table ranged_rest partition of ranged default;
            insert into ranged values (2);
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
                    "add-column-rewrite: alter table orders add column x positive",
                    "add-column-rewrite: set search_path = '';; alter table public.orders add column x serial",
                    "add-column-rewrite: alter table orders add column x more default 3",
                    "add-column-rewrite: alter table orders add column x int generated always as identity",
                    "add-column-rewrite: alter table orders add column x int generated always as (id + 1) stored",
                    "add-column-not-null: alter table orders add column x int not null",
                    "add-exclusion: alter table orders add exclude using gist (at with =)",
                    "add-foreign-key: alter table orders add foreign key (parent) references parents",
                    "add-foreign-key: alter table orders add column x int default 1 references parents",
                    "add-unique: alter table orders add unique (note)",
                    "add-unique: alter table other.things add primary key (id)",
                    "add-unique: alter table orders add column x int unique",
                    "alter-domain: alter domain positive add check (value > -1)",
                    "alter-domain: alter domain positive set not null",
                    "alter-system: alter system set work_mem = '1GB'",
                    "attach-partition: alter table parted attach partition part for values from (1) to (2)",
                    "change-column-type: alter table orders alter id type bigint",
                    "change-column-type: alter table orders alter maybe type positive",
                    "change-column-type: alter table items alter made type timestamp(5)",
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
                    "create-index: create temp table orders (id int);; drop table orders;; create index on orders (note)",
                    "create-index: create index on ranged (id)",
                    "default-partition: create table x partition of ranged for values from (2) to (3)",
                    "default-partition: create table x (id int);; alter table ranged attach partition x for values from (2) to (3)",
                    "detach-partition: alter table ranged detach partition ranged_one",
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
                    "rebuild-for-type: alter table items alter id type oid",
                    "rebuild-for-type: alter table items alter name type text collate \"C\"",
                    "rebuild-for-type: alter table items alter code type varchar(6)",
                    "rebuild-for-type: alter table items alter sign type text",
                    "rebuild-for-type: alter table items alter seen type int",
                    "refresh-materialized-view: refresh materialized view summed",
                    "reindex: reindex table orders",
                    "reindex: reindex index orders_note",
                    "reindex: reindex schema public",
                    "rename-column: alter table orders rename note to notes",
                    "rename-table: alter table orders rename to purchases",
                    "rename-table: alter view seen rename to sight",
                    "rename-table: alter table orders set schema other",
                    "rename-table: alter schema other rename to another",
                    "rewrite-table: alter table orders set unlogged",
                    "rewrite-table: alter table orders set tablespace elsewhere",
                    "set-not-null: alter table orders alter maybe set not null",
                    "set-not-null: alter table orders add constraint x not null maybe",
                    "truncate: truncate orders",
                    "drop-table: set search_path = other;; drop table things",
                    "drop-table: set local search_path to \"$user\", 'other', public;; drop table things",
                    "drop-table: select pg_catalog.set_config('search_path', 'public, \"other\"', false);; drop table things",
                    "drop-table: set schema 'other';; drop table things",
                    "drop-table: set search_path = other;; reset search_path;; drop table orders",
                    "drop-table: set search_path = other;; discard all;; drop table orders",
                    "drop-table: create temp table if not exists items (id int);; drop table public.items",
                    "drop-table: create table if not exists orders (id int);; drop table orders",
                    "truncate: truncate table only orders, nothing restart identity",
                    "unknown-rule: -- db-migrate: accept all because I say so\nselect 1",
                    "unknown-rule: -- db-migrate: accept truncate\nselect 1",
                    "vacuum-full: vacuum full orders",
                    "vacuum-full: vacuum (full true, analyze)",
                    "validate-with-add: alter table orders add constraint x check (id > 0) not valid;; alter table orders validate constraint x",
                    "write-all-rows: update orders set note = null",
                    "write-all-rows: delete from orders",
                    "write-all-rows: delete from orders where true",
                    "write-all-rows: update orders set note = null where (1 = 1)",
                    "write-all-rows: merge into orders o using parents p on true when matched then delete",
                    "write-all-rows: merge into orders o using parents p on o.id = p.id when not matched by source then delete",
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
                    "alter table orders add column x any_int default 7",
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
                    "alter table orders alter id type any_int",
                    "alter table orders alter big type label",
                    "alter table orders alter note type long_note",
                    "alter table orders alter note type text collate \"default\"",
                    "alter table items alter made type timestamp(6)",
                    "alter table items alter kind type oid using kind::oid",
                    "alter table items alter kind type any_int",
                    "alter table items alter count type int",
                    "alter table items alter count type positive",
                    "alter table items alter name type varchar",
                    "set timezone = 'UTC';; alter table orders alter at type timestamptz",
                    "alter table orders set tablespace pg_default",
                    "alter table orders set logged",
                    "alter table orders set access method heap",
                    "alter table orders alter never set not null",
                    "alter table orders alter parent set not null",
                    "alter table orders add constraint x check (maybe is not null) not valid",
                    "alter table orders alter maybe set default random()",
                    "alter table orders alter never drop not null",
                    "create index concurrently x on orders (note)",
                    "create index on only ranged (id)",
                    "create index if not exists orders_note on orders (note)",
                    "create table x partition of parted for values from (2) to (3)",
                    "alter table ranged detach partition ranged_one concurrently",
                    "alter domain positive add check (value > -1) not valid",
                    "alter domain any_int add check (value > -1)",
                    "drop index concurrently orders_note",
                    "reindex (concurrently) table orders",
                    "reindex index concurrently orders_note",
                    "refresh materialized view concurrently summed",
                    "drop table if exists nothing cascade",
                    "drop table if exists other.orders",
                    "drop view seen;; create view seen as select 2 as one",
                    "alter table orders rename to purchases;; create view orders as select * from purchases",
                    "alter index orders_note rename to x",
                    "alter table orders_note rename to x",
                    "create temp table orders (id int);; create index on orders (id);; drop table orders",
                    "set search_path = other;; create table orders (id int);; truncate orders",
                    "set search_path = other;; truncate orders",
                    "set search_path = '';; truncate orders",
                    "alter table nothing drop column x",
                    "alter table orders drop column if exists nothing",
                    "lock table orders in row exclusive mode",
                    "vacuum analyze orders",
                    "vacuum (full false) orders",
                    "update orders set note = 'x' where id = 1",
                    "update orders set note = 'x' where false",
                    "delete from orders where 1 = 2",
                    "merge into orders o using parents p on o.id = p.id when matched then delete",
                    "merge into orders o using parents p on true when matched and o.id = 1 then delete",
                    "delete from orders using parents where parents.id = parent",
                    "update nothing set a = 1",
                    "insert into orders (id, never) values (1, 1) on conflict do nothing",
                    "insert into orders (big) values ('drop table orders')",
                    "-- drop table orders\nselect 1",
                    "alter type mood add value 'bad'",
                    "alter type mood add value 'bad';; select 'good'",
                    "alter type mood rename value 'good' to 'bad'",
                    "do $$ begin perform 1; end $$");

    private static final Pattern COMMENT = Pattern.compile("--.*|/\\*.*?\\*/");

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
            String bare = COMMENT.matcher(one).replaceAll(" ").replaceAll("'[^']*'", "'…'").strip();
            SortedMap<Integer, String> comments = new TreeMap<>();
            COMMENT.matcher(one)
                    .results()
                    .forEach(comment -> comments.put(comment.start(), comment.group()));
            statements.add(new Script.Statement(one, bare, 1 + statements.size(), comments));
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

    /** Other tools' rules: what is warned of, and the statement. */
    static Stream<Arguments> published() throws IOException {
        String file = "src/test/resources/dbmigrate/warnings/published-rules.txt";
        return Files.readAllLines(Path.of(file)).stream()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split(" \\|", 3))
                .map(parts -> Arguments.of(parts[1].strip(), parts[2].strip()));
    }

    @ParameterizedTest
    @MethodSource("published")
    void whatOtherToolsPublishIsWarnedOfAsItsListSays(String rules, String sql)
            throws SQLException {
        assertEquals(rules, String.join(", ", rules(warnings(script("V1__a.sql", true, sql)))));
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
            String set = "set time zone 'Europe/Berlin';; " + sql;
            assertEquals(
                    List.of("change-column-type"), rules(warnings(script("V1__a.sql", true, set))));
        } finally {
            inBerlin(connection);
        }
    }

    @Test
    void timeZoneHoldsForTheMigrationsAfterToo() throws SQLException {
        Script second = script("V2__b.sql", true, "alter table orders alter at type timestamptz");
        assertEquals(
                List.of(), warnings(script("V1__a.sql", true, "set timezone to 'UTC'"), second));
        assertEquals(
                List.of("change-column-type"),
                rules(warnings(script("V1__a.sql", true, "set local timezone to 0"), second)));
    }

    @Test
    void searchPathHoldsForItsMigrationAlone() throws SQLException {
        Script first = script("V1__a.sql", true, "set search_path = other;; truncate things");
        Script second = script("V2__b.sql", true, "truncate things");
        assertEquals(List.of("truncate"), rules(warnings(first, second)));
    }

    @Test
    void searchPathHoldsOnWhereTheSessionsOwnBeginsWithTheSchema() throws SQLException {
        Script first = script("V1__a.sql", true, "set search_path = other");
        Script local = script("V1__a.sql", true, "set local search_path = other");
        Script second = script("V2__b.sql", true, "truncate things");
        try (Statement statement = connection.createStatement()) {
            statement.execute("set search_path = public");
            assertEquals(List.of("truncate"), rules(warnings(first, second)));
            assertEquals(List.of(), rules(warnings(local, second)));
        } finally {
            try (Statement statement = connection.createStatement()) {
                statement.execute("reset search_path");
            }
        }
    }

    @Test
    void columnIsQuotedAsItsTableIs() throws SQLException {
        String sql =
                "alter table orders rename note to a;; alter table orders rename \"Größe\" to b";
        assertEquals(
                List.of("public.orders.note", "public.orders.\"Größe\""),
                warnings(script("V1__a.sql", true, sql)).stream()
                        .map(one -> one.object().orElseThrow())
                        .toList());
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/* db-migrate: accept truncate because it is a cache */ truncate orders",
                "truncate /*db-migrate: accept truncate because it is a cache*/ orders",
                "-- DB-Migrate: Accept TRUNCATE Because it is a cache\ntruncate orders"
            })
    void commentMayBeOfEitherKindAndInCapitals(String sql) throws SQLException {
        assertEquals(
                Optional.of("it is a cache"),
                warnings(script("V1__a.sql", true, sql)).getFirst().accepted());
    }

    @Test
    void acceptanceOfWhatIsNotWarnedOfIsNoWarning() throws SQLException {
        String sql = "-- db-migrate: accept truncate because it is a cache\ntruncate nothing";
        assertEquals(List.of(), warnings(script("V1__a.sql", true, sql)));
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
    void whatIsTooMuchToReadIsSaidOnceOfEachScriptNotToBeRead() throws SQLException {
        String sql =
                "truncate orders;; truncate orders, " + "x".repeat(100_000) + ";; truncate parents";
        assertEquals(
                List.of("truncate", "not-read", "not-read"),
                rules(
                        warnings(
                                script("V1__a.sql", true, sql),
                                script("V2__b.sql", true, "truncate parents;; truncate orders"))));
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
