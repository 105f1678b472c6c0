package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Database or queue cannot be had for a while: nothing half done stays, and the same key runs once.
 */
@Tag("database")
class EndToEndOutageTest {
    private static final TestPostgres POSTGRES = TestPostgres.shared();

    @TempDir static Path folder;
    private static TcpProxy databaseNetwork;
    private static TcpProxy queueNetwork;
    private static RunningSystem system;

    private final MigrationFolder migrations = new MigrationFolder(folder);
    private final String database = RunningSystem.newDatabase();
    private final String key = UUID.randomUUID().toString();

    @BeforeAll
    static void start() throws IOException {
        databaseNetwork = new TcpProxy();
        databaseNetwork.to(POSTGRES.host(), POSTGRES.port());
        queueNetwork = new TcpProxy();
        String url = POSTGRES.url(POSTGRES.newName("e2e_own"));
        String server = "@%s:%d/".formatted(POSTGRES.host(), POSTGRES.port());
        system =
                RunningSystem.start(
                        url.replace(server, "@127.0.0.1:%d/".formatted(databaseNetwork.port())),
                        folder,
                        Map.of(
                                // Wins over the variable that local sets; local itself goes
                                // straight to the queue.
                                "JAVA_TOOL_OPTIONS",
                                "-Daws.endpointUrlSqs=http://127.0.0.1:" + queueNetwork.port()));
        queueNetwork.to(system.queueEndpoint().getHost(), system.queueEndpoint().getPort());
    }

    @AfterAll
    static void stop() throws IOException {
        system.close();
        databaseNetwork.close();
        queueNetwork.close();
    }

    /** The router is warm, its connections stand. */
    @BeforeEach
    void warmRouter() throws IOException {
        migrations.clear();
        migrations.with("V1__one.sql", "create table one ();");
        system.completed(system.accepted(RunningSystem.newDatabase()));
    }

    @AfterEach
    void heal() throws IOException {
        databaseNetwork.heal();
        queueNetwork.heal();
    }

    @Test
    void databaseThatIsDownIs503AndTheSameKeyRunsOnceWhenItIsUpAgain() throws Exception {
        var rows = system.rows();
        databaseNetwork.refuse();
        assertUnavailable("DATABASE_UNAVAILABLE", post());
        assertUnavailable("DATABASE_UNAVAILABLE", post());
        assertUnavailable("DATABASE_UNAVAILABLE", system.get("/db-migrate/" + UUID.randomUUID()));
        assertEquals(200, system.get("/health").status());
        databaseNetwork.heal();
        assertEquals(rows, system.rows());
        assertRunsOnce(202, post());
    }

    @Test
    void brokenConnectionIsReplaced() throws Exception {
        databaseNetwork.refuse();
        databaseNetwork.heal();
        assertRunsOnce(202, post());
    }

    @Test
    void databaseThatFallsSilentIs503BeforeTheGatewayGivesUp() throws Exception {
        var rows = system.rows();
        databaseNetwork.fallSilent();
        assertUnavailable("DATABASE_UNAVAILABLE", post());
        databaseNetwork.heal();
        assertEquals(rows, system.rows());
        assertRunsOnce(202, post());
    }

    /** As an Aurora that was paused: it takes the connection, and answers when it has resumed. */
    @Test
    void databaseThatNeedsEighteenSecondsToResumeIsWaitedFor() throws Exception {
        databaseNetwork.refuse();
        databaseNetwork.heal();
        databaseNetwork.sleepFor(Duration.ofSeconds(18));
        assertRunsOnce(202, post());
    }

    @Test
    void commitWithoutAnAnswerIs503AndTheSameKeyFindsItsProcess() throws Exception {
        // On a new connection the driver still sends the word, and not the number of a prepared
        // statement.
        databaseNetwork.refuse();
        databaseNetwork.heal();
        databaseNetwork.loseAnswerTo("COMMIT");
        assertUnavailable("OUTCOME_UNKNOWN", post());
        assertRunsOnce(200, post());
    }

    @Test
    void queueThatIsDownIs503AndTheSameKeyRunsOnceWhenItIsUpAgain() throws Exception {
        var rows = system.rows();
        queueNetwork.refuse();
        assertUnavailable("QUEUE_UNAVAILABLE", post());
        assertEquals(rows, system.rows());
        queueNetwork.heal();
        assertRunsOnce(202, post());
    }

    @Test
    void queueThatFallsSilentIs503AndLeavesNoRow() throws Exception {
        var rows = system.rows();
        queueNetwork.fallSilent();
        assertUnavailable("QUEUE_UNAVAILABLE", post());
        assertEquals(rows, system.rows());
        queueNetwork.heal();
        assertRunsOnce(202, post());
    }

    @Test
    void messageWhoseAcceptanceWasNotHeardIsSentAgainAndRunsOnce() throws Exception {
        queueNetwork.loseAnswerTo("SendMessage");
        assertRunsOnce(202, post());
    }

    @Test
    void databaseThatGoesAwayDuringAMigrationIsTriedAgain() throws Exception {
        migrations
                .with("V1__one.sql", MigrationFolder.GATE)
                .with("V2__wait.sql", "create table once ();" + MigrationFolder.WAITING);
        String id = system.accepted(post());
        system.running(id, "V2__wait.sql");
        databaseNetwork.refuse();
        databaseNetwork.heal();
        POSTGRES.execute(database, MigrationFolder.OPEN_GATE);

        var process = system.completed(id);
        assertTrue(process.at("/attempt").asInt() > 1, process::toPrettyString);
        assertEquals(List.of("V1__one.sql", "V2__wait.sql"), RunningSystem.history(database));
        assertEquals(
                "{\"applied\":2,\"total\":2,\"current\":null}", process.at("/progress").toString());
    }

    private Answer post() {
        return system.post("{\"database\":\"%s\"}".formatted(database), "Idempotency-Key", key);
    }

    private static void assertUnavailable(String code, Answer answer) {
        assertEquals(503, answer.status(), answer::toString);
        assertEquals(
                "application/problem+json",
                answer.header("content-type").orElse(""),
                answer::toString);
        assertEquals(code, answer.member("code"));
        assertEquals("5", answer.header("retry-after").orElse(""), answer::toString);
    }

    private void assertRunsOnce(int status, Answer answer) throws Exception {
        assertEquals(status, answer.status(), answer::toString);
        String id = answer.member("processId");
        var process = system.completed(id);
        assertEquals(1, process.at("/attempt").asInt());
        assertEquals(List.of("V1__one.sql"), RunningSystem.history(database));
        assertEquals(
                1,
                system.rows().stream().filter(row -> row.contains(key)).count(),
                "rows of this key");
        var again = post();
        assertEquals(200, again.status(), again::toString);
        assertEquals(id, again.member("processId"));
        Eventually.holds("no message is left", system::hasNoMessage);
    }
}
