package dbmigrate.router;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dbmigrate.json.JsonObject;
import dbmigrate.process.Identity;
import dbmigrate.process.MigrationRequest;
import dbmigrate.process.NewProcess;
import dbmigrate.process.ProcessConnection;
import dbmigrate.process.ProcessIds;
import dbmigrate.process.Processes;
import dbmigrate.testing.TestPostgres;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What somebody sees of the processes who may do something on some databases alone. */
@Tag("database")
@Timeout(60)
class PermittedProcessesTest {
    private static final TestPostgres POSTGRES = TestPostgres.shared();
    private static final String AUTHORIZER = "{\"lambda\": {\"identity\": \"key:%s\"}}";
    private static final String RULES =
            "key:deploy: migrate on app, tenant__?; key:reader: read on app; key:all: *";

    private final String stack = POSTGRES.newName("stack");
    private final RouterSettings settings =
            RouterSettings.read(
                    Map.of(
                            "DATABASE_URL",
                            POSTGRES.url("app"),
                            "STACK_NAME",
                            stack,
                            "MIGRATION_QUEUE_URL",
                            "http://127.0.0.1:1/queue.fifo",
                            "AWS_REGION",
                            "eu-west-1",
                            "API_AUTH",
                            "api-key",
                            "PERMISSIONS",
                            RULES));
    private final RouterHandler router = new RouterHandler(settings);
    private final ProcessConnection rows = new ProcessConnection(settings.server());
    private final ProcessIds ids = new ProcessIds(Clock.systemUTC(), new SecureRandom());

    private UUID app;
    private UUID tenant;
    private UUID tenantax;

    @BeforeEach
    void recordProcesses() throws Exception {
        app = recorded("app");
        tenant = recorded("tenant__a");
        tenantax = recorded("tenantaxa");
    }

    @AfterEach
    void close() throws Exception {
        rows.close();
    }

    @Test
    void listHoldsThoseOfTheDatabasesThatTheCallerMayDoSomethingOn() throws Exception {
        assertEquals(List.of(tenantax, tenant, app), listed("all"));
        // The underscore of a name is no pattern of the database's own.
        assertEquals(List.of(tenant, app), listed("deploy"));
        assertEquals(List.of(app), listed("reader"));
    }

    @Test
    void otherProcessesAreAsThoughTheyWereNot() throws Exception {
        for (String below : List.of("", "/events")) {
            assertEquals(200, get("deploy", tenant + below));
            assertEquals(404, get("deploy", tenantax + below));
            assertEquals(200, get("reader", app + below));
            assertEquals(404, get("reader", tenant + below));
            assertEquals(200, get("all", tenantax + below));
        }
    }

    @Test
    void cancelingTakesThePermissionForTheProcessesCommand() throws Exception {
        assertEquals("404 NOT_FOUND", cancel("deploy", tenantax));
        assertEquals("403 COMMAND_NOT_ALLOWED", cancel("reader", app));
        assertEquals("404 NOT_FOUND", cancel("reader", tenant));
        assertEquals(List.of("QUEUED", "QUEUED", "QUEUED"), states());
        assertEquals("202", cancel("deploy", tenant));
        assertEquals("202", cancel("all", app));
        assertEquals(List.of("CANCELED", "CANCELED", "QUEUED"), states());
        assertEquals("403 COMMAND_NOT_ALLOWED", cancel("reader", app));
        assertEquals("409 PROCESS_ENDED", cancel("all", app));
    }

    @Test
    void whoAskedToStopStandsInTheAuditTrailAsTheAuthoriserProvedIt() throws Exception {
        cancel("deploy", tenant);
        JsonObject answer =
                Invocation.body(answer("GET", "/db-migrate/" + tenant + "/events", "deploy"));
        assertEquals(
                List.of("REQUESTED recorder", "CANCEL_REQUESTED key:deploy", "CANCELED key:deploy"),
                answer.objects("events").stream()
                        .map(event ->
                                event.string("event").orElseThrow()
                                        + " "
                                        + event.string("identity").orElseThrow())
                        .toList());
    }

    private UUID recorded(String database) throws Exception {
        MigrationRequest request =
                new MigrationRequest(database, Optional.empty(), false, Map.of(), Optional.empty());
        NewProcess process =
                new NewProcess(ids.get(), request, Identity.of("recorder"), Optional.empty());
        new Processes(rows, stack).record(process, () -> {});
        return process.id();
    }

    private JsonObject answer(String method, String path, String key) throws Exception {
        String authorizer = AUTHORIZER.formatted(key);
        return Invocation.answer(router, HttpEventFixture.of(method, path, authorizer).json());
    }

    private List<UUID> listed(String key) throws Exception {
        return Invocation.body(answer("GET", "/db-migrate", key)).objects("processes").stream()
                .map(process -> UUID.fromString(process.string("processId").orElseThrow()))
                .toList();
    }

    private int get(String key, String below) throws Exception {
        return answer("GET", "/db-migrate/" + below, key).integer("statusCode").orElseThrow();
    }

    private String cancel(String key, UUID id) throws Exception {
        JsonObject answer = answer("POST", "/db-migrate/" + id + "/cancel", key);
        return answer.integer("statusCode").orElseThrow()
                + Invocation.body(answer).string("code").map(code -> " " + code).orElse("");
    }

    private List<String> states() {
        return POSTGRES.query(
                settings.server().processDatabase(),
                "select state from db_migrate.process where stack = '%s' order by id"
                        .formatted(stack));
    }
}
