package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.database.Connector;
import dbmigrate.database.DatabaseUrl;
import dbmigrate.database.SessionSettings;
import dbmigrate.log.Log;
import dbmigrate.process.Activity;
import dbmigrate.process.Activity.Amount;
import dbmigrate.process.Activity.Blocker;
import dbmigrate.process.Activity.LockWait;
import dbmigrate.process.Backend;
import dbmigrate.testing.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** A real session that does something for as long as a test looks, and one that looks. */
@Tag("database")
@Timeout(120)
class SessionActivityTest {
    /** A page holds 226 of them; the function of {@link #HELD} sleeps in the middle. */
    private static final String TABLE =
            "create table t (id int, b int); insert into t select g, 0 from generate_series(1, 20000) g;";

    private static final String HELD =
            """
            create or replace function held(i int) returns int immutable language plpgsql as
            $$ begin if i = 10000 then perform pg_sleep(100); end if; return i; end $$;
            """;

    /** A tenth of a second a page. */
    private static final String SLOW_VACUUM =
            """
            set vacuum_cost_delay = 100; set vacuum_cost_limit = 1;
            set vacuum_cost_page_hit = 10000; set vacuum_cost_page_dirty = 10000;
            """;

    private final TestPostgres postgres = TestPostgres.shared();
    private final String database = postgres.newName("activity");
    private final List<Connection> sessions = new ArrayList<>();
    private final Map<Backend, CompletableFuture<String>> running = new LinkedHashMap<>();
    private DatabaseUrl login = DatabaseUrl.parse(postgres.url(database));
    private Map<String, String> placeholders = Map.of();

    @BeforeEach
    void create() {
        postgres.execute("postgres", "create database " + database);
    }

    @AfterEach
    void drop() throws Exception {
        endWhatRuns();
        postgres.execute("postgres", "drop database " + database + " with (force)");
        for (Connection session : sessions) {
            session.close();
        }
    }

    /**
     * What ran until now is ended by the server, and before those whom it waits for: else it would
     * get its lock and come to an end.
     */
    private void endWhatRuns() throws Exception {
        for (Backend backend : running.keySet()) {
            postgres.execute(
                    "postgres", "select pg_terminate_backend(%d)".formatted(backend.pid()));
        }
        for (CompletableFuture<String> ended : running.values()) {
            assertEquals("57P01", ended.get(60, TimeUnit.SECONDS));
        }
        running.clear();
    }

    @Test
    void indexBuildTellsHowMuchOfTheTableIsScanned() throws Exception {
        execute(TABLE + HELD);
        Activity activity =
                seen(
                        running(open(login), "create index i on t (held(id))"),
                        now -> now.percent().filter(percent -> percent > 0).isPresent());
        assertEquals(Optional.of("building index: scanning table"), activity.phase());
        assertEquals(Optional.of("create index i on t (held(id))"), activity.statement());
        assertTrue(activity.statementStartedAt().isPresent());
        Amount bytes = activity.bytes().orElseThrow();
        assertEquals(
                List.of(String.valueOf(bytes.total().orElseThrow())),
                postgres.query(database, "select pg_relation_size('t')"));
        assertTrue(bytes.done() < bytes.total().get(), bytes::toString);
        int percent = activity.percent().get();
        assertTrue(percent > 0 && percent <= 50, activity::toString);
        assertEquals(Optional.empty(), activity.rows());
        assertEquals(Optional.empty(), activity.waitingFor());
    }

    @Test
    void vacuumTellsHowMuchOfTheTableIsScanned() throws Exception {
        execute(TABLE);
        Activity activity = slow("vacuum t");
        assertEquals(Optional.of("scanning heap"), activity.phase());
        assertTrue(activity.bytes().orElseThrow().total().isPresent());
    }

    @Test
    void analyzeTellsHowMuchOfItsSampleIsRead() throws Exception {
        execute(TABLE);
        Activity activity = slow("analyze t");
        assertEquals(Optional.of("acquiring sample rows"), activity.phase());
        assertTrue(activity.bytes().orElseThrow().total().isPresent());
    }

    @Test
    void fullVacuumTellsItsPhaseAlsoWherePostgresqlCountsNothing() throws Exception {
        execute(TABLE + HELD.replace("10000", "0") + "create index i on t (held(id));" + HELD);
        Activity activity =
                seen(
                        running(open(login), "vacuum full t"),
                        now -> now.phase().filter("rebuilding index"::equals).isPresent());
        assertEquals(Optional.empty(), activity.percent());
        assertEquals(Optional.empty(), activity.rows());
        assertEquals(Optional.empty(), activity.bytes());
    }

    @Test
    void copyFromTheClientTellsRowsAndBytesOfAnUnknownTotal() throws Exception {
        execute("create table t (id int)");
        Connection session = open(login);
        Backend backend = TargetDatabase.backend(session);
        CopyIn copy = session.unwrap(PGConnection.class).getCopyAPI().copyIn("copy t from stdin");
        byte[] rows = "1\n".repeat(100_000).getBytes(StandardCharsets.US_ASCII);
        copy.writeToCopy(rows, 0, rows.length);
        copy.flushCopy();
        Activity activity =
                seen(backend, now -> now.rows().filter(done -> done.done() > 0).isPresent());
        copy.cancelCopy();
        assertEquals(Optional.of("copy from"), activity.phase());
        assertEquals(Optional.empty(), activity.rows().orElseThrow().total());
        assertTrue(activity.bytes().orElseThrow().done() > 0);
        assertEquals(Optional.empty(), activity.bytes().get().total());
        assertEquals(Optional.empty(), activity.percent());
    }

    @Test
    void waitForATableTellsWhoHoldsIt() throws Exception {
        execute("create schema \"O'Neil\"; create table \"O'Neil\".\"A \"\"b\"\"\" (c text)");
        Connection application = open(login);
        execute(application, "set application_name = 'the app'");
        begun(application, "select * from \"O'Neil\".\"A \"\"b\"\"\" where c = 'secret'");
        Activity activity =
                seen(
                        running(open(login), "alter table \"O'Neil\".\"A \"\"b\"\"\" add d int"),
                        now -> isNamed(now));
        LockWait wait = activity.waitingFor().orElseThrow();
        assertEquals("AccessExclusiveLock", wait.lock());
        assertEquals(Optional.of("\"O'Neil\".\"A \"\"b\"\"\""), wait.relation());
        assertTrue(wait.since().isPresent());
        assertEquals(1, wait.blockedBy().size());
        Blocker blocker = wait.blockedBy().getFirst();
        assertEquals(TargetDatabase.backend(application).pid(), blocker.pid());
        assertEquals(Optional.of("the app"), blocker.application());
        assertEquals(Optional.of("idle in transaction"), blocker.state());
        assertTrue(blocker.since().isPresent());
        assertEquals(
                Optional.of("select * from \"O'Neil\".\"A \"\"b\"\"\" where c = '…'"),
                blocker.query());
    }

    @Test
    void concurrentIndexBuildTellsWhichWriterItWaitsFor() throws Exception {
        execute(TABLE);
        Connection application = open(login);
        begun(application, "update t set b = 1 where id = 1");
        Activity activity =
                seen(
                        running(open(login), "create index concurrently i on t (b)"),
                        now -> isNamed(now));
        assertEquals(Optional.of("waiting for writers before build"), activity.phase());
        assertEquals(Optional.empty(), activity.percent());
        LockWait wait = activity.waitingFor().orElseThrow();
        assertEquals(Optional.of("public.t"), wait.relation());
        assertEquals(
                List.of(TargetDatabase.backend(application).pid()),
                wait.blockedBy().stream().map(Blocker::pid).toList());
    }

    @Test
    void preparedTransactionInTheWayIsNamed() throws Exception {
        execute("create table t (a int)");
        // The names are the whole server's.
        String gid = database + ": month's end";
        execute("begin; lock table t; prepare transaction '%s'".formatted(gid.replace("'", "''")));
        try {
            Activity activity =
                    seen(running(open(login), "alter table t add b int"), now -> isNamed(now));
            Blocker blocker = activity.waitingFor().orElseThrow().blockedBy().getFirst();
            assertEquals(0, blocker.pid());
            assertEquals(Optional.of("prepared transaction " + gid), blocker.state());
        } finally {
            endWhatRuns();
            execute("rollback prepared '%s'".formatted(gid.replace("'", "''")));
        }
    }

    @Test
    void waitForARowTellsItsTable() throws Exception {
        execute(TABLE);
        begun(open(login), "update t set b = 1 where id = 1");
        Activity activity =
                seen(running(open(login), "update t set b = 2 where id = 1"), now -> isNamed(now));
        assertEquals(Optional.of("public.t"), activity.waitingFor().orElseThrow().relation());
        assertEquals("ShareLock", activity.waitingFor().get().lock());
    }

    @Test
    void anotherRolesStatementIsHiddenWithoutTheRightToSeeIt() throws Exception {
        String role = postgres.newName("role");
        postgres.execute("postgres", "create role %s login password 'pw'".formatted(role));
        execute("create table t (a int)");
        execute("alter table t owner to " + role);
        login = DatabaseUrl.parse(postgres.url(role, "pw", database));
        Connection application = postgres.connect(database);
        sessions.add(application);
        int pid = TargetDatabase.backend(application).pid();
        begun(application, "select * from t");
        Backend backend = running(open(login), "alter table t add b int");
        Blocker hidden = seen(backend, now -> isNamed(now)).waitingFor().get().blockedBy().get(0);
        assertEquals(pid, hidden.pid());
        assertEquals(Optional.empty(), hidden.query());
        assertEquals(Optional.empty(), hidden.state());
        execute("grant pg_read_all_stats to " + role);
        Blocker shown = seen(backend, now -> isNamed(now)).waitingFor().get().blockedBy().get(0);
        assertEquals(Optional.of("select * from t"), shown.query());
        assertEquals(Optional.of("idle in transaction"), shown.state());
    }

    @Test
    void statementIsMaskedAndCut() throws Exception {
        String sql = "select pg_sleep(100), 'secret', " + "1234567 as 😀, ".repeat(40) + "1";
        Activity activity = seen(running(open(login), sql), now -> now.statement().isPresent());
        String statement = activity.statement().orElseThrow();
        assertTrue(statement.startsWith("select pg_sleep(…), '…', … as 😀, … as 😀"), statement);
        assertEquals(200, statement.codePointCount(0, statement.length()));
        assertTrue(statement.endsWith("…"));
    }

    @Test
    void placeholderThatTheServerCutsInTwoIsNotShown() throws Exception {
        placeholders = Map.of("schema", "ThePlaceholdersValue");
        String before = "select pg_sleep(100), '%s' as ".formatted("x".repeat(1023 - 38));
        String sql = before + "ThePlaceholdersValue";
        assertTrue(before.length() < 1023 && sql.length() > 1023);
        Activity activity = seen(running(open(login), sql), now -> now.statement().isPresent());
        assertEquals(Optional.of("select pg_sleep(…), '…' as …"), activity.statement());
    }

    @Test
    void sessionBetweenTwoStatementsDoesNothing() throws Exception {
        Connection session = open(login);
        begun(session, "select 1");
        assertEquals(Activity.NONE, seen(TargetDatabase.backend(session), now -> true));
    }

    @Test
    void sessionThatIsGoneIsNotSeen() throws Exception {
        Backend gone = new Backend(1, OffsetDateTime.now());
        try (Connection observer = postgres.connect("postgres")) {
            assertFalse(activity().of(gone, observer).isPresent());
        }
    }

    @Test
    void relationThatCannotBeNamedHasNoName() throws Exception {
        Connection migration = open(login);
        begun(migration, "create table uncommitted ()");
        long oid;
        try (var row =
                migration
                        .createStatement()
                        .executeQuery("select 'uncommitted'::regclass::oid::bigint")) {
            row.next();
            oid = row.getLong(1);
        }
        assertEquals(Optional.empty(), named(login, oid));
        migration.commit();
        assertEquals(Optional.of("public.uncommitted"), named(login, oid));
        assertEquals(Optional.empty(), named(login.withDatabase("no such database"), oid));
    }

    /** The name, once it is there; the first look may come before its answer. */
    private static Optional<String> named(DatabaseUrl url, long oid) throws Exception {
        return new RelationNames(url, new Log(Map.of())).asked(oid).get(60, TimeUnit.SECONDS);
    }

    private static boolean isNamed(Activity activity) {
        return activity.waitingFor().flatMap(LockWait::relation).isPresent();
    }

    private Activity slow(String sql) throws Exception {
        Connection session = open(login);
        execute(session, SLOW_VACUUM);
        return seen(
                running(session, sql),
                now -> now.percent().filter(percent -> percent > 0).isPresent());
    }

    private SessionActivity activity() {
        return new SessionActivity(
                new RelationNames(login, new Log(Map.of())), new Masking(placeholders));
    }

    /** Looks from another database until what is awaited is seen. */
    private Activity seen(Backend backend, Predicate<Activity> awaited) throws Exception {
        SessionActivity activity = activity();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        try (Connection observer =
                Connector.connect(login.withDatabase("postgres"), SessionSettings.forRows())) {
            while (true) {
                Activity now = activity.of(backend, observer).orElseThrow().activity();
                if (awaited.test(now)) {
                    return now;
                }
                assertTrue(System.nanoTime() < deadline, now::toString);
                Thread.sleep(20);
            }
        }
    }

    private Connection open(DatabaseUrl url) throws SQLException {
        Connection session = Connector.connect(url, SessionSettings.forMigrations(Duration.ZERO));
        sessions.add(session);
        return session;
    }

    /** Begins a statement that the end of the test ends. */
    private Backend running(Connection session, String sql) throws SQLException {
        Backend backend = TargetDatabase.backend(session);
        running.put(
                backend,
                CompletableFuture.supplyAsync(() -> {
                    try {
                        execute(session, sql);
                        return "it came to an end";
                    } catch (SQLException e) {
                        return e.getSQLState();
                    }
                }));
        return backend;
    }

    private static void begun(Connection session, String sql) throws SQLException {
        session.setAutoCommit(false);
        execute(session, sql);
    }

    private static void execute(Connection session, String sql) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    private void execute(String sql) {
        postgres.execute(database, sql);
    }
}
