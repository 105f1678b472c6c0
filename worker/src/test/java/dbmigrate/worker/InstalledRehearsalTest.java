package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dbmigrate.process.Claim;
import dbmigrate.process.Command;
import dbmigrate.process.FailureCode;
import dbmigrate.process.MigrationProcess;
import dbmigrate.process.MigrationRequest;
import dbmigrate.testing.InstalledPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A set with a rewrite, an index, data changes, a COMMIT of its own and a failing last migration:
 * the database is dumped before and after. Debian's PostgreSQL 15 has pg_dump beside it.
 */
@Tag("installed")
@Timeout(180)
class InstalledRehearsalTest {
    private static InstalledPostgres server;

    @TempDir Path migrations;

    private RunFixture run;

    @BeforeAll
    static void startServer() throws IOException, InterruptedException {
        if (!InstalledPostgres.isInstalled()) {
            System.out.println(
                    "InstalledRehearsalTest is left out: " + InstalledPostgres.missing());
        }
        assumeTrue(InstalledPostgres.isInstalled(), InstalledPostgres.missing());
        server = InstalledPostgres.start();
    }

    @AfterAll
    static void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void migrate() throws SQLException {
        run = new RunFixture(migrations, database -> server.url(server.port(), database));
        run.file("V1__schema.sql", RehearsalTest.SCHEMA)
                .file(
                        "V2__rows.sql",
                        """
                        create schema extensions;
                        create extension citext schema extensions;
                        create table a (id int primary key, note text, c extensions.citext);
                        insert into a select g, 'note ' || g from generate_series(1, 1000) g;
                        """);
        Ending ending = run.attempt(run.claimed(), TimeLimit.none());
        assertTrue(ending instanceof Ending.Completed, ending::toString);
        run.file("V3__rewrite.sql", "alter table a alter column id type bigint;")
                .file("V4__index.sql", "create index a_note on a (note);")
                .file(
                        "V5__data.sql",
                        """
                        update a set note = note || '!';
                        insert into a values (-1, 'new');
                        delete from a where id > 900;
                        insert into "Other one".parent (n) values (3);
                        """)
                .file("V6__commit.sql", "create table one ();\ncommit;\ncreate table two ();\n")
                .file("V7__concurrently.sql", "create index concurrently a_id on a (id, note);")
                .file("V8__fails.sql", "create table three ();\nselect 1 / 0;");
    }

    @AfterEach
    void close() throws SQLException {
        if (run != null) {
            run.close();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"REHEARSE", "REHEARSE_COPY"})
    void databaseIsAsItWasBefore(Command command) throws Exception {
        List<String> before = dump();
        List<String> databases = query("postgres", "select datname from pg_database order by 1");
        MigrationProcess row = row(command);
        assertEquals(before, dump());
        assertEquals(databases, query("postgres", "select datname from pg_database order by 1"));
        assertEquals(FailureCode.SQL_FAILED, row.error().orElseThrow().code());
        assertEquals(Optional.of("22012"), row.error().orElseThrow().sqlState());
        assertEquals(Optional.of("V8__fails.sql"), row.error().orElseThrow().script());
        String left = command == Command.REHEARSE ? "notRun" : "ran";
        assertEquals(
                List.of(
                        "V3__rewrite.sql ran",
                        "V4__index.sql ran",
                        "V5__data.sql ran",
                        "V6__commit.sql " + left,
                        "V7__concurrently.sql " + left,
                        "V8__fails.sql failed"),
                CommandFixture.pairs(row, "rehearsed", "script", "state"));
    }

    @Test
    void migrationThatPassesLeavesNothingEither() throws Exception {
        Files.delete(migrations.resolve("V8__fails.sql"));
        List<String> before = dump();
        assertEquals(Optional.empty(), row(Command.REHEARSE).error());
        assertEquals(Optional.empty(), row(Command.REHEARSE_COPY).error());
        assertEquals(before, dump());
    }

    /** Below 18 only a superuser could write them. */
    @Test
    void statisticsOfTheTablesAreNamedAsNotCopied() throws SQLException {
        String result = row(Command.REHEARSE_COPY_STATISTICS).result().orElseThrow();
        assertTrue(result.contains("\"the tables' statistics: they need PostgreSQL 18\""), result);
    }

    private MigrationProcess row(Command command) throws SQLException {
        Claim.Claimed claimed =
                run.claimed(
                        new MigrationRequest(
                                command,
                                run.database,
                                Optional.empty(),
                                false,
                                Map.of(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()));
        run.attempt(claimed, TimeLimit.none());
        return run.row(claimed);
    }

    /** Schema and data; sequences count on, and pg_dump draws two random words. */
    private List<String> dump() throws IOException, InterruptedException {
        Path file = server.data().resolveSibling("dump.sql");
        server.run(
                "pg_dump", "--no-sync", "--file=" + file, server.url(server.port(), run.database));
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> !line.startsWith("\\restrict"))
                    .filter(line -> !line.startsWith("\\unrestrict"))
                    .filter(line -> !line.startsWith("SELECT pg_catalog.setval("))
                    .collect(Collectors.toList());
        }
    }

    private List<String> query(String database, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                rows.add(row.getString(1));
            }
        }
        return rows;
    }
}
