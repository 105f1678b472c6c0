package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.process.Claim;
import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One test for each row of the table of errors in docs/operations.md, against a server that really
 * does it. What needs root or another server stands in {@link InstalledServerFailuresTest}.
 */
@Tag("database")
@Timeout(120)
class FailureKindsTest {
    private static final String SCRIPT = "V1__it.sql";

    @TempDir Path migrations;

    private RunFixture fixture;

    @BeforeEach
    void open() {
        fixture = new RunFixture(migrations).onlyOnce();
    }

    @AfterEach
    void close() throws SQLException {
        fixture.close();
    }

    @Test
    void syntaxError() throws SQLException {
        Failure failure =
                failureAt(
                        "conflct",
                        """
                        create table t (a text);
                        insert into t
                          values ('hunter2') on conflct do nothing;
                        """);
        assertKind(FailureCode.SYNTAX_ERROR, "42601", failure);
        assertEquals("syntax error at or near \"conflct\"", failure.detail());
        assertEquals(
                Optional.of("insert into t\n  values ('…') on conflct do nothing"),
                failure.statement());
        assertEquals(Optional.of(39), failure.position());
    }

    @Test
    void missingTable() throws SQLException {
        Failure failure = failureAt("missing", "select 1; select 'hunter2', '😀' from missing");
        assertKind(FailureCode.OBJECT_MISSING, "42P01", failure);
        assertEquals(Optional.of("select '…', '…' from missing"), failure.statement());
    }

    @Test
    void missingColumn() throws SQLException {
        Failure failure =
                failureAt("nam ", "create table t (name text);\n\nselect nam from t where true;");
        assertKind(FailureCode.OBJECT_MISSING, "42703", failure);
        assertEquals(
                Optional.of("Perhaps you meant to reference the column \"t.name\"."),
                failure.hint());
    }

    @Test
    void missingFunction() throws SQLException {
        Failure failure = failureAt("no_such", "/* a\n comment */ select no_such('hunter2')");
        assertKind(FailureCode.OBJECT_MISSING, "42883", failure);
    }

    @Test
    void duplicateTable() throws SQLException {
        Failure failure =
                failureAt(
                        "create table t (b",
                        "create table t (a int);\n  -- again\n  create table t (b int);");
        assertKind(FailureCode.OBJECT_EXISTS, "42P07", failure);
        assertEquals("relation \"t\" already exists", failure.detail());
        assertEquals(Optional.empty(), failure.position());
    }

    @Test
    void violatedUniqueConstraint() throws SQLException {
        Failure failure =
                failureAt(
                        "insert",
                        """
                        create table t (email text constraint one_each unique);
                          insert into t values ('hunter2'), ('hunter2');
                        """);
        assertKind(FailureCode.CONSTRAINT_VIOLATED, "23505", failure);
        assertEquals(Optional.of("one_each"), failure.constraint());
        assertTrue(failure.detail().contains("Key (email)=(…)"), failure.detail());
    }

    @Test
    void violatedForeignKey() throws SQLException {
        Failure failure =
                failureAt(
                        "insert",
                        """
                        create table a (id text primary key);
                        create table b (a text constraint b_of_a references a);
                        insert into b values ('hunter2');
                        """);
        assertKind(FailureCode.CONSTRAINT_VIOLATED, "23503", failure);
        assertEquals(Optional.of("b_of_a"), failure.constraint());
    }

    @Test
    void violatedCheck() throws SQLException {
        Failure failure =
                failureAt(
                        "insert",
                        """
                        create table t (a text constraint short check (length(a) < 5));
                        insert into t values ('hunter2');
                        """);
        assertKind(FailureCode.CONSTRAINT_VIOLATED, "23514", failure);
        assertEquals(Optional.of("short"), failure.constraint());
    }

    @Test
    void violatedNotNull() throws SQLException {
        Failure failure =
                failureAt(
                        "insert",
                        """
                        create table t (a text, b int not null);
                        insert into t values ('hunter2', null);
                        """);
        assertKind(FailureCode.CONSTRAINT_VIOLATED, "23502", failure);
        assertTrue(failure.detail().contains("column \"b\" of relation \"t\""), failure.detail());
    }

    @Test
    void constraintThatIsCheckedAtTheCommit() throws SQLException {
        Failure failure =
                failure(
                        """
                        create table a (id text primary key);
                        create table b (
                            a text constraint later references a deferrable initially deferred);
                        insert into b values ('hunter2');
                        """);
        assertKind(FailureCode.CONSTRAINT_VIOLATED, "23503", failure);
        assertEquals(Optional.of(SCRIPT), failure.script());
        assertEquals(Optional.of("later"), failure.constraint());
        assertEquals(Optional.empty(), failure.line());
    }

    @Test
    void lackingPermission() throws SQLException {
        String role = fixture.postgres.newName("role");
        fixture.postgres.execute("postgres", "create role " + role);
        try {
            Failure failure =
                    failureAt(
                            "select",
                            "create table t (a text);\nset local role %s;\nselect a, 'hunter2' from t;"
                                    .formatted(role));
            assertKind(FailureCode.PERMISSION_DENIED, "42501", failure);
            assertEquals("permission denied for table t", failure.detail());
        } finally {
            fixture.postgres.execute("postgres", "drop role " + role);
        }
    }

    @Test
    void lockTimeout() throws SQLException {
        fixture.file("V0__init.sql", "create table t (a text)");
        fixture.run(fixture.claimed());
        fixture.file(SCRIPT, "select 'hunter2';\nalter table t add b int;");
        try (Connection application = fixture.postgres.connect(fixture.database)) {
            application.setAutoCommit(false);
            application.createStatement().execute("lock table t");
            // A whole attempt would try it for ten minutes.
            Failure failure = failureOfRun(fixture.claimed());
            assertKind(FailureCode.LOCK_TIMEOUT, "55P03", failure);
            assertEquals(Optional.of(2), failure.line());
            assertEquals(Optional.of(1), failure.column());
        }
    }

    @Test
    void statementTimeout() throws SQLException {
        Failure failure =
                failureAt(
                        "select",
                        "set local statement_timeout = '50ms';\nselect pg_sleep(100), 'hunter2';");
        assertKind(FailureCode.STATEMENT_TIMEOUT, "57014", failure);
        assertEquals("canceling statement due to statement timeout", failure.detail());
    }

    @Test
    void deadlock() throws Exception {
        fixture.file("V0__init.sql", "create table a (); create table b ()");
        fixture.run(fixture.claimed());
        try (Connection application = fixture.postgres.connect(fixture.database)) {
            // Whoever looks for a deadlock first is the one that is cancelled.
            application.createStatement().execute("set deadlock_timeout = '1h'");
            application.setAutoCommit(false);
            application.createStatement().execute("lock table b");
            fixture.file(
                    SCRIPT,
                    """
                    set local lock_timeout = 0;
                    lock table a;
                    do $$ begin
                        while not exists (select from pg_locks
                                          where relation = 'a'::regclass and not granted) loop
                            perform pg_sleep(0.01);
                        end loop;
                    end $$;
                    lock table b;
                    """);
            Claim.Claimed claimed = fixture.claimed();
            CompletableFuture<Failure> migration =
                    CompletableFuture.supplyAsync(() -> failed(claimed));
            while (!fixture.postgres
                    .query(
                            "postgres",
                            "select count(*) from pg_locks l join pg_database d on d.oid = l.database where datname = '%s' and mode = 'AccessExclusiveLock' and granted"
                                    .formatted(fixture.database))
                    .equals(List.of("2"))) {
                assertFalse(migration.isDone());
            }
            application.createStatement().execute("lock table a");
            Failure failure = migration.get(60, TimeUnit.SECONDS);
            assertKind(FailureCode.DEADLOCK, "40P01", failure);
            assertEquals(Optional.of(SCRIPT), failure.script());
            assertEquals(Optional.of(9), failure.line());
            assertEquals(Optional.of("lock table b"), failure.statement());
        }
    }

    @Test
    void readOnlyServer() throws SQLException {
        fixture.file("V0__init.sql", "select 1");
        fixture.run(fixture.claimed());
        fixture.postgres.execute(
                "postgres",
                "alter database %s set default_transaction_read_only = on"
                        .formatted(fixture.database));
        Failure failure = failureAt("create", "  create table t (a text default 'hunter2')");
        assertKind(FailureCode.READ_ONLY_SERVER, "25006", failure);
    }

    @Test
    void tooManyConnections() throws SQLException {
        String role = fixture.postgres.newName("role");
        fixture.postgres.execute(
                "postgres",
                "create role %s login password 'hunter2' connection limit 0".formatted(role));
        try {
            Failure failure =
                    failureOfLogin(fixture.postgres.url(role, "hunter2", fixture.database));
            assertKind(FailureCode.TOO_MANY_CONNECTIONS, "53300", failure);
        } finally {
            fixture.postgres.execute("postgres", "drop role " + role);
        }
    }

    @Test
    void refusedPassword() throws SQLException {
        Failure failure =
                failureOfLogin(fixture.postgres.url("postgres", "hunter2", fixture.database));
        assertKind(FailureCode.PASSWORD_REFUSED, "28P01", failure);
    }

    @Test
    void unknownHost() throws SQLException {
        Failure failure = failureOfLogin("postgresql://u:hunter2@db.invalid:5432/app");
        assertKind(FailureCode.HOST_UNKNOWN, "08001", failure);
        assertTrue(failure.detail().contains("db.invalid:5432"), failure.detail());
    }

    @Test
    void refusedTls() throws SQLException {
        Failure failure =
                failureOfLogin(fixture.postgres.url(fixture.database) + "?sslmode=require");
        assertKind(FailureCode.TLS_REFUSED, "08004", failure);
    }

    @Test
    void refusedConnection() throws SQLException, IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Failure failure = failureOfLogin("postgresql://u:hunter2@127.0.0.1:%d/app".formatted(port));
        assertKind(FailureCode.DATABASE_UNAVAILABLE, "08001", failure);
        assertTrue(failure.detail().contains("nothing listens there"), failure.detail());
    }

    @Test
    void missingMaintenanceDatabase() throws SQLException {
        Claim.Claimed claimed = fixture.claimed();
        fixture.server(fixture.postgres.url(fixture.database), "nowhere");
        Failure failure = failed(claimed);
        assertKind(FailureCode.DATABASE_MISSING, "3D000", failure);
        assertTrue(failure.detail().contains("\"nowhere\""), failure.detail());
    }

    @Test
    void changedChecksum() throws SQLException {
        applied();
        Failure failure = failure("select 'hunter2'");
        assertHistory(FailureCode.CHECKSUM_CHANGED, SCRIPT, failure);
        assertTrue(failure.detail().contains("checksum"), failure.detail());
    }

    @Test
    void missingMigration() throws SQLException, IOException {
        applied();
        Files.delete(migrations.resolve(SCRIPT));
        fixture.file("V2__next.sql", "select 1");
        assertHistory(FailureCode.MIGRATION_MISSING, SCRIPT, failed(fixture.claimed()));
    }

    @Test
    void outOfOrder() throws SQLException {
        applied();
        fixture.file("V0.1__late.sql", "select 1");
        Failure failure = failed(fixture.claimed());
        assertHistory(FailureCode.OUT_OF_ORDER, "V0.1__late.sql", failure);
        assertEquals(
                "V0.1__late.sql (version 0.1) is not applied, and version 1, which is newer, already is",
                failure.detail());
    }

    @Test
    void earlierFailureInTheHistory() throws SQLException {
        applied();
        fixture.postgres.execute(
                fixture.database, "update flyway_schema_history set success = false");
        assertHistory(FailureCode.EARLIER_FAILURE, SCRIPT, failed(fixture.claimed()));
    }

    @Test
    void statementThatNoTransactionMayHold() throws SQLException {
        fixture.file("V0__t.sql", "create table t (a text)");
        String sql = "reindex (concurrently) table t";
        Failure failure = failure("select 'hunter2';\n" + sql);
        assertKind(FailureCode.TRANSACTION_IN_THE_WAY, "25001", failure);
        assertEquals(Optional.of(2), failure.line());
        // And what the action says helps.
        fixture.file(SCRIPT, sql).file(SCRIPT + ".conf", "executeInTransaction=false");
        assertEquals(new Ending.Completed(Optional.of("1")), fixture.run(fixture.claimed()));
    }

    @Test
    void fileInAnotherEncoding() throws SQLException, IOException {
        Files.write(
                migrations.resolve(SCRIPT),
                "select 'hunter2 für alle'".getBytes(StandardCharsets.ISO_8859_1));
        Failure failure = failed(fixture.claimed());
        assertHistory(FailureCode.MIGRATION_UNREADABLE, SCRIPT, failure);
        assertEquals(
                SCRIPT + " holds bytes that are no characters of the encoding", failure.detail());
    }

    @Test
    void missingPlaceholder() throws SQLException {
        Failure failure = failure("create table ${table} (a text)");
        assertHistory(FailureCode.PLACEHOLDER_MISSING, SCRIPT, failure);
        assertEquals("there is no value for the placeholder ${table}", failure.detail());
    }

    @Test
    void twoFilesOfOneVersion() throws SQLException {
        fixture.file(SCRIPT, "select 1").file("V1__other.sql", "select 1");
        assertEquals(FailureCode.MIGRATION_DUPLICATE, failed(fixture.claimed()).code());
    }

    @Test
    void databaseWithTablesAndNoHistory() throws SQLException {
        fixture.open().connection().close();
        fixture.postgres.execute(fixture.database, "create table old (a int)");
        fixture.file(SCRIPT, "create table old (a int)").file("V2__next.sql", "select 1");
        assertEquals(FailureCode.BASELINE_MISSING, failed(fixture.claimed()).code());
        // And what the action says helps.
        fixture.file("flyway.conf", "flyway.baselineOnMigrate=true\nflyway.baselineVersion=1\n");
        assertEquals(new Ending.Completed(Optional.of("2")), fixture.run(fixture.claimed()));
    }

    @Test
    void noMigrationFound() throws SQLException {
        Failure failure = failed(fixture.claimed());
        assertEquals(FailureCode.NO_MIGRATIONS_FOUND, failure.code());
        assertTrue(failure.detail().contains(migrations.toString()), failure.detail());
    }

    @Test
    void misnamedFile() throws SQLException {
        fixture.file(SCRIPT, "select 1").file("V2_one_underscore.sql", "select 1");
        assertHistory(
                FailureCode.MIGRATION_MISNAMED, "V2_one_underscore.sql", failed(fixture.claimed()));
    }

    private void applied() throws SQLException {
        fixture.file(SCRIPT, "select 1");
        assertEquals(new Ending.Completed(Optional.of("1")), fixture.run(fixture.claimed()));
    }

    /** The failure of this script, which it must place where {@code pointed} begins. */
    private Failure failureAt(String pointed, String sql) throws SQLException {
        Failure failure = failure(sql);
        String before = sql.substring(0, sql.indexOf(pointed));
        int lineBegin = before.lastIndexOf('\n') + 1;
        assertEquals(Optional.of(SCRIPT), failure.script());
        assertEquals(
                Optional.of(1 + (int) before.chars().filter(c -> c == '\n').count()),
                failure.line());
        assertEquals(
                Optional.of(1 + before.codePointCount(lineBegin, before.length())),
                failure.column());
        return failure;
    }

    private Failure failure(String sql) throws SQLException {
        fixture.file(SCRIPT, sql);
        return failed(fixture.claimed());
    }

    private Failure failureOfLogin(String url) throws SQLException {
        fixture.file(SCRIPT, "select 1");
        Claim.Claimed claimed = fixture.claimed();
        fixture.server(url, "postgres");
        return failed(claimed);
    }

    /** What a whole attempt leaves in the row. */
    private Failure failed(Claim.Claimed claimed) {
        try {
            assertInstanceOf(Ending.Failed.class, fixture.attempt(claimed, TimeLimit.none()));
            return fixture.row(claimed).error().orElseThrow();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private Failure failureOfRun(Claim.Claimed claimed) {
        Exception exception = assertThrows(Exception.class, () -> fixture.run(claimed));
        return new Failures(fixture.settings, fixture.database, new Masking(Map.of()))
                .of(exception);
    }

    private static void assertKind(FailureCode code, String sqlState, Failure failure) {
        assertEquals(code, failure.code(), failure::toString);
        assertEquals(Optional.of(sqlState), failure.sqlState());
        assertEquals(code.title(), failure.title());
        assertFalse(failure.action().isBlank());
        assertFalse(failure.toString().contains("hunter2"), failure.toString());
    }

    private static void assertHistory(FailureCode code, String script, Failure failure) {
        assertEquals(code, failure.code(), failure::toString);
        assertEquals(Optional.of(script), failure.script());
        assertEquals(Optional.empty(), failure.line());
        assertFalse(failure.action().isBlank());
    }
}
