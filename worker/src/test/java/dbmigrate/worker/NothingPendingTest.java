package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.process.Claim;
import dbmigrate.process.MigrationProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.internal.resource.ResourceName;
import org.flywaydb.core.internal.resource.ResourceNameParser;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(120)
@Tag("database")
class NothingPendingTest {
    private static final String HISTORY = "flyway_schema_history";

    @TempDir Path migrations;

    private RunFixture fixture;

    /** Something done to a folder and a database that plain Flyway has brought to one state. */
    private interface Change {
        void in(NothingPendingTest test) throws Exception;
    }

    /** A change, named, and whether the short way may still answer. */
    private record Kind(String name, boolean isSure, Change change) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Kind sure(String name, Change change) {
        return new Kind(name, true, change);
    }

    private static Kind doubt(String name, Change change) {
        return new Kind(name, false, change);
    }

    static Stream<Kind> kinds() {
        return Stream.of(
                sure("nothing changed", test -> {}),
                sure(
                        "line ends",
                        test -> test.file("V1__init.sql", "create table t (id int);\r\n")),
                sure(
                        "a byte order mark",
                        test -> test.file("V1__init.sql", "\uFEFFcreate table t (id int);\n")),
                sure("an advisory lock of another database", test -> test.held("postgres")),
                doubt("a versioned file more", test -> test.file("V3__more.sql", "select 3")),
                doubt(
                        "one with an old version more",
                        test -> test.file("V1.5__old.sql", "select 3")),
                doubt("a versioned file changed", test -> test.file("V2__more.sql", "select 2")),
                doubt("a versioned file gone", test -> test.gone("V1__init.sql")),
                doubt("the newest file gone", test -> test.gone("V2__more.sql")),
                doubt(
                        "a versioned file renamed",
                        test -> test.moved("V2__more.sql", "V2__other.sql")),
                doubt(
                        "a version written otherwise",
                        test -> test.moved("V2__more.sql", "V2.0__more.sql")),
                doubt(
                        "two files of one version",
                        test -> test.file("V02__more.sql", "alter table t add c text")),
                doubt("a repeatable file more", test -> test.file("R__other.sql", "select 1")),
                doubt(
                        "a repeatable file changed",
                        test ->
                                test.file(
                                        "R__view.sql",
                                        "create or replace view v as select 1 as one")),
                doubt("a repeatable file gone", test -> test.gone("R__view.sql")),
                doubt(
                        "two repeatable files of one description",
                        test ->
                                test.file("R__vi_ew.sql", "select 1")
                                        .file("R__vi ew.sql", "select 1")
                                        .applied()),
                sure(
                        "a repeatable file applied twice",
                        test ->
                                test.file(
                                                "R__view.sql",
                                                "create or replace view v as select id, 1 as one from t")
                                        .applied()),
                doubt(
                        "a repeatable file as it was at first",
                        test ->
                                test.file(
                                                "R__view.sql",
                                                "create or replace view v as select id, 1 as one from t")
                                        .applied()
                                        .file("R__view.sql", VIEW)),
                doubt(
                        "a placeholder in a repeatable file",
                        test -> test.file("R__p.sql", "select '${flyway:database}'").applied()),
                doubt("an undo file", test -> test.file("U2__more.sql", "alter table t drop c")),
                doubt(
                        "a baseline file",
                        test -> test.file("B2__all.sql", "create table t (id int, c text)")),
                doubt("a callback", test -> test.file("beforeMigrate.sql", "select 1")),
                doubt("a callback that is a program", test -> test.file("afterMigrate.sh", "true")),
                doubt(
                        "a file with settings",
                        test -> test.file("flyway.conf", "flyway.outOfOrder=true")),
                doubt(
                        "settings of one file",
                        test -> test.file("V2__more.sql.conf", "executeInTransaction=false")),
                doubt("a misnamed file", test -> test.file("V3_lost.sql", "select 1")),
                doubt("a suffix in capitals", test -> test.file("V3__x.SQL", "select 1")),
                doubt("some other file", test -> test.file("README.md", "nothing")),
                doubt("a folder", test -> Files.createDirectory(test.migrations.resolve("more"))),
                doubt("a link", test -> test.link()),
                doubt(
                        "a text that is no UTF-8",
                        test ->
                                Files.write(
                                        test.migrations.resolve("V3__latin.sql"),
                                        new byte[] {'-', '-', (byte) 0xe9})),
                doubt(
                        "no file at all",
                        test -> test.gone("V1__init.sql").gone("V2__more.sql").gone("R__view.sql")),
                doubt(
                        "a failed row",
                        test -> test.sql("update %s set success = false where version = '2'")),
                doubt(
                        "another checksum",
                        test ->
                                test.sql(
                                        "update %s set checksum = checksum + 1 where version = '1'")),
                doubt(
                        "no checksum",
                        test -> test.sql("update %s set checksum = null where version = '1'")),
                doubt(
                        "another description",
                        test -> test.sql("update %s set description = 'x' where version = '1'")),
                doubt(
                        "another script",
                        test -> test.sql("update %s set script = 'x' where version = '1'")),
                doubt(
                        "another type",
                        test -> test.sql("update %s set type = 'JDBC' where version = '1'")),
                doubt(
                        "a baseline row",
                        test -> test.sql("update %s set type = 'BASELINE' where version = '1'")),
                doubt("a row gone", test -> test.sql("delete from %s where version = '2'")),
                doubt("no row", test -> test.sql("delete from %s")),
                doubt("no history", test -> test.sql("drop table %s")),
                doubt(
                        "the history is a view",
                        test ->
                                test.sql(
                                        "alter table %1$s rename to h; create view %1$s as select * from h")),
                doubt(
                        "the history is a materialized view",
                        test ->
                                test.sql(
                                        "alter table %1$s rename to h; create materialized view %1$s as select * from h")),
                doubt(
                        "the history is partitioned",
                        test ->
                                test.sql(
                                        """
                                        alter table %1$s rename to h;
                                        create table %1$s (like h) partition by range (installed_rank);
                                        create table p partition of %1$s default;
                                        insert into %1$s select * from h;
                                        """)),
                doubt(
                        "rows of the history that only a child table has",
                        test ->
                                test.sql(
                                        """
                                        create table child () inherits (%1$s);
                                        with moved as (delete from only %1$s returning *)
                                        insert into child select * from moved;
                                        """)),
                doubt(
                        "a row before all that Flyway reads",
                        test -> test.sql("update %s set installed_rank = -2 where version = '1'")),
                doubt(
                        "a row twice",
                        test ->
                                test.sql(
                                        """
                                        alter table %1$s drop constraint flyway_schema_history_pk;
                                        insert into %1$s select * from %1$s where version = '2';
                                        """)),
                doubt(
                        "the history is in another schema",
                        test -> test.sql("create schema s; alter table %s set schema s")),
                doubt(
                        "a later schema comes first",
                        test ->
                                test.sql(
                                        "create schema s; alter database "
                                                + test.fixture.database
                                                + " set search_path = s, public")),
                doubt(
                        "applied out of order",
                        test -> test.sql("update %1$s set installed_rank = 9 where version = '1'")),
                doubt("a Flyway that holds its lock", test -> test.held(test.fixture.database)),
                doubt("a note of what no roll-back undoes", NothingPendingTest::noted),
                doubt(
                        "a Flyway setting",
                        test -> test.fixture.with(Map.of("FLYWAY_OUT_OF_ORDER", "true"))));
    }

    private static final String VIEW = "create or replace view v as select id from t";

    private final List<Connection> others = new ArrayList<>();

    @BeforeEach
    void migrate() {
        fixture = new RunFixture(migrations);
        fixture.postgres.execute("postgres", "create database " + fixture.database);
        file("V1__init.sql", "create table t (id int);\n")
                .file("V2__more.sql", "alter table t add c text")
                .file("R__view.sql", VIEW);
        applied();
    }

    @AfterEach
    void close() throws SQLException {
        for (Connection other : others) {
            other.close();
        }
        fixture.close();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shortWayNeverSaysWhatFlywayDoesNot(Kind kind) throws Exception {
        kind.change().in(this);
        Optional<Ending> said = said(fixture.claimed());
        assertEquals(kind.isSure(), said.isPresent());
        if (said.isPresent()) {
            Flyway flyway = plain();
            assertTrue(flyway.validateWithResult().validationSuccessful);
            assertEquals(0, flyway.info().pending().length);
            assertEquals(0, flyway.migrate().migrationsExecuted);
            assertEquals(
                    said.get(),
                    new Ending.Completed(
                            Optional.of(flyway.info().current().getVersion().getVersion())));
        }
    }

    @Test
    void requestForMoreThanMigratingIsFlyways() throws Exception {
        assertEquals(
                Optional.empty(),
                said(fixture.claimed(fixture.request(Optional.of("2"), false, Map.of()))));
        assertEquals(
                Optional.empty(),
                said(fixture.claimed(fixture.request(Optional.empty(), true, Map.of()))));
        assertEquals(
                Optional.empty(),
                said(fixture.claimed(fixture.request(Optional.empty(), false, Map.of("a", "b")))));
    }

    @Test
    void rowIsTheSameAsFlywaysRun() throws Exception {
        Claim.Claimed shortWay = fixture.claimed();
        fixture.attempt(shortWay, TimeLimit.none());
        fixture.with(Map.of("FLYWAY_SKIP_DEFAULT_RESOLVERS", "false"));
        Claim.Claimed flyways = fixture.claimed();
        fixture.attempt(flyways, TimeLimit.none());
        MigrationProcess one = fixture.row(shortWay);
        MigrationProcess other = fixture.row(flyways);
        assertEquals(other.state(), one.state());
        assertEquals(other.schemaBefore(), one.schemaBefore());
        assertEquals(Optional.of("2"), one.schemaNow());
        assertEquals(other.schemaNow(), one.schemaNow());
        assertEquals(Optional.of(0), one.total());
        assertEquals(other.total(), one.total());
        assertEquals(other.applied(), one.applied());
        assertEquals(other.migrations(), one.migrations());
        assertEquals(other.error(), one.error());
        assertEquals(events(flyways), events(shortWay));
    }

    @Test
    void namesAreReadAsFlywayReadsThem() {
        ResourceNameParser flyways = new ResourceNameParser(Flyway.configure());
        for (String name :
                List.of(
                        "V1__a.sql",
                        "V01__a.sql",
                        "V1.2__a_b.sql",
                        "V1_2__a_b.sql",
                        "V1_02.3__a-b c.sql",
                        "V1__a__b.sql",
                        "V20240101123000__x.sql",
                        "R__a.sql",
                        "R__a_b c.sql",
                        "V1__2__3.sql",
                        "V1__a___b.sql",
                        "R__1.sql",
                        "R__a__b.sql",
                        "V1___a.sql",
                        "V1__a_.sql",
                        "R___a_.sql")) {
            ResourceName flyway = flyways.parse(name);
            file(name, "select 1");
            MigrationFile ours =
                    MigrationFile.in(migrations).orElseThrow().stream()
                            .filter(one -> one.script().equals(name))
                            .findFirst()
                            .orElseThrow();
            assertTrue(flyway.isValid(), name);
            assertEquals(flyway.getDescription(), ours.description(), name);
            assertEquals(
                    Optional.ofNullable(flyway.getVersion())
                            .map(org.flywaydb.core.api.MigrationVersion::getVersion),
                    ours.version(),
                    name);
        }
    }

    private List<String> events(Claim.Claimed claimed) {
        return fixture.postgres.query(
                "postgres",
                "select event, state, attempt from db_migrate.event where process_id = '%s' order by at"
                        .formatted(claimed.attempt().processId()));
    }

    private Optional<Ending> said(Claim.Claimed claimed) throws Exception {
        try (Connection connection = fixture.open().connection()) {
            new MigrationLock(connection).takeAtOnce();
            return NothingPending.begin(fixture.settings, claimed, fixture.attempts())
                    .on(connection);
        }
    }

    private Flyway plain() {
        return PlainFlyway.on(fixture.database, migrations).load();
    }

    private NothingPendingTest file(String name, String sql) {
        fixture.file(name, sql);
        return this;
    }

    private NothingPendingTest gone(String name) throws IOException {
        Files.delete(migrations.resolve(name));
        return this;
    }

    private void moved(String from, String to) throws IOException {
        Files.move(migrations.resolve(from), migrations.resolve(to));
    }

    private void link() throws IOException {
        Files.createSymbolicLink(
                migrations.resolve("V3__link.sql"), migrations.resolve("V1__init.sql"));
    }

    /** Plain Flyway applies what there is, or refuses it. */
    private NothingPendingTest applied() {
        try {
            plain().migrate();
        } catch (FlywayException e) {
            // What it refuses is no less of a kind.
        }
        return this;
    }

    private void sql(String sql) {
        fixture.postgres.execute(fixture.database, sql.formatted(HISTORY));
    }

    private void held(String database) throws SQLException {
        Connection other = fixture.postgres.connect(database);
        others.add(other);
        try (var statement = other.createStatement()) {
            statement.execute("select pg_advisory_lock(1)");
        }
    }

    private void noted() {
        fixture.postgres.execute(
                "postgres",
                """
                insert into db_migrate.unsettled
                    (database, history, script, runs_again, made, dropped, standing, copies)
                values ('%s', '"public"."flyway_schema_history"', 'V2__more.sql', true, '{}', '{}', '{}', '{}')
                """
                        .formatted(fixture.database));
    }
}
