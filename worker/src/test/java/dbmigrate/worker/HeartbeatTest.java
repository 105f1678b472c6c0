package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.database.Connector;
import dbmigrate.database.DatabaseUrl;
import dbmigrate.database.SessionSettings;
import dbmigrate.log.Log;
import dbmigrate.process.Activity;
import dbmigrate.process.Attempts;
import dbmigrate.process.Claim;
import dbmigrate.process.Claims;
import dbmigrate.process.Identity;
import dbmigrate.process.MigrationProcess.CurrentMigration;
import dbmigrate.process.MigrationRequest;
import dbmigrate.process.NewProcess;
import dbmigrate.process.NextMigration;
import dbmigrate.process.ProcessConnection;
import dbmigrate.process.Processes;
import dbmigrate.process.Settlement;
import dbmigrate.queue.MigrationQueue;
import dbmigrate.settings.AllowedDatabases;
import dbmigrate.settings.ServerSettings;
import dbmigrate.testing.TestPostgres;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The beats of a claimed process whose role owns the maintenance database and nothing else. */
@Tag("database")
@Timeout(120)
class HeartbeatTest {
    private static final Log LOG = new Log(Map.of());

    @TempDir Path migrations;

    private final TestPostgres postgres = TestPostgres.shared();
    private final String role = postgres.newName("role");
    private final String maintenance = postgres.newName("maintenance");
    private final ServerSettings server =
            new ServerSettings(
                    DatabaseUrl.parse(postgres.url(role, "pw", maintenance)),
                    maintenance,
                    "heartbeats");
    private final ProcessConnection rows = new ProcessConnection(server);
    private final Processes processes = new Processes(rows, "heartbeats");
    private final UUID id = UUID.randomUUID();

    @BeforeEach
    void create() {
        postgres.execute("postgres", "create role %s login password 'pw'".formatted(role));
        postgres.execute("postgres", "create database %s owner %s".formatted(maintenance, role));
    }

    @AfterEach
    void drop() throws Exception {
        rows.close();
        postgres.execute("postgres", "drop database " + maintenance + " with (force)");
        postgres.execute("postgres", "drop role " + role);
    }

    @Test
    void whatTheSessionDoesIsInTheRow() throws Exception {
        try (TargetSession session = new TargetSession();
                Heartbeat heartbeat = started(session)) {
            until(() -> activity().isPresent());
            assertEquals(Optional.of(Activity.NONE), activity());
            assertEquals(Optional.empty(), heartbeat.stop());
        }
    }

    @Test
    void lookThatTheServerForbidsCostsNeitherTheLeaseNorTheCancellation() throws Exception {
        postgres.execute(maintenance, "revoke select on pg_catalog.pg_locks from public");
        try (TargetSession session = new TargetSession();
                Heartbeat heartbeat = started(session)) {
            for (int beat = 0; beat < 3; beat++) {
                String lease = lease();
                until(() -> !lease().equals(lease));
            }
            assertEquals(Optional.empty(), heartbeat.stop());
            assertEquals(Optional.empty(), activity());
            processes.cancel(id, Identity.of("somebody"), RunFixture.ANYTHING);
            until(() -> heartbeat.stop().equals(Optional.of(Stop.CANCEL_REQUESTED)));
        }
    }

    @Test
    void metricOfALongRunIsWrittenAtTheFirstBeatOfAnAttempt() throws Exception {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try (TargetSession session = new TargetSession();
                Heartbeat _ = started(session)) {
            postgres.execute(
                    maintenance,
                    "update db_migrate.process set started_at = started_at - interval '2 h'");
            until(() -> printed.toString(StandardCharsets.UTF_8).contains("\"RunningTime\":72"));
        } finally {
            System.setOut(before);
        }
    }

    private Heartbeat started(TargetSession session) throws Exception {
        MigrationRequest request =
                new MigrationRequest(
                        maintenance, Optional.empty(), false, Map.of(), Optional.empty());
        processes.record(
                new NewProcess(id, request, Identity.of("anybody"), Optional.empty()), () -> {});
        Claim.Claimed claimed = (Claim.Claimed) new Claims(rows, "heartbeats").claim(id);
        new Attempts(rows)
                .advance(
                        claimed.attempt(),
                        Settlement.APPLIED,
                        Optional.of(new NextMigration(Optional.of("1"), "a", "V1__a.sql")));
        session.known(
                TargetDatabase.backend(
                        session.opened(
                                Connector.connect(
                                        server.url(),
                                        SessionSettings.forMigrations(Duration.ZERO)))));
        WorkerSettings settings =
                new WorkerSettings(
                        server,
                        new AllowedDatabases(maintenance, maintenance, Set.of(), false),
                        Optional.empty(),
                        migrations,
                        5,
                        Duration.ZERO,
                        Duration.ofSeconds(10),
                        90,
                        false,
                        Map.of());
        return Heartbeat.start(
                claimed.attempt(),
                new ProcessConnection(server),
                () -> MigrationQueue.Change.DONE,
                session,
                () -> SessionActivity.of(settings, request, LOG),
                TimeLimit.none(),
                new RunningTime("heartbeats", LOG),
                LOG);
    }

    private Optional<Activity> activity() throws Exception {
        return processes.find(id).orElseThrow().current().flatMap(CurrentMigration::activity);
    }

    private String lease() {
        return postgres.query(maintenance, "select lease_until from db_migrate.process").getFirst();
    }

    private static void until(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.call()) {
            assertTrue(System.nanoTime() < deadline, "the condition did not come true");
            Thread.sleep(20);
        }
    }
}
