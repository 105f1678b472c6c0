package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dbmigrate.testing.MotoServer;
import dbmigrate.testing.RdsStub;
import dbmigrate.testing.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The package of the custom resource as Lambda hosts it, from CloudFormation's event to S3. */
@Tag("database")
@Timeout(180)
class PackagedCredentialsTest {
    private static final TestPostgres POSTGRES = TestPostgres.shared();
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final String STACK_ID =
            "arn:aws:cloudformation:eu-west-1:123456789012:stack/test/guid";

    @TempDir Path workspace;
    private final BlockingQueue<JsonNode> answers = new LinkedBlockingQueue<>();
    private final CountDownLatch isModified = new CountDownLatch(1);
    private volatile boolean answersAreHeld;
    private RdsStub database;
    private MotoServer moto;
    private HttpServer server;
    private HostedFunction function;

    @BeforeEach
    void start() throws Exception {
        moto = MotoServer.start(PackagedCredentialsTest.class);
        String role = POSTGRES.newName("master");
        POSTGRES.execute("postgres", "create role " + role + " login password 'before'");
        database = new RdsStub("cluster-" + role, role);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answerAsRds);
        server.createContext("/answer", this::takeAsS3);
        server.start();
        var template =
                new Template.Function(
                        "CredentialsFunction",
                        "dbmigrate.credentials.CredentialsHandler::handleRequest",
                        "credentials/target/credentials.zip",
                        TIMEOUT,
                        512,
                        Map.of(
                                "DATABASE_CLUSTER_IDENTIFIER",
                                database.identifier,
                                "SECRET_NAME",
                                role + "/DatabaseCredentials",
                                "STACK_ID",
                                STACK_ID,
                                "CREDENTIALS_RESPONSE_HOSTS",
                                host(),
                                "AWS_ENDPOINT_URL_RDS",
                                "http://" + host(),
                                "AWS_ENDPOINT_URL_SECRETS_MANAGER",
                                moto.endpoint().toString()),
                        Set.of(),
                        Optional.empty());
        function =
                HostedFunction.of(
                        template,
                        Zip.unpack(
                                Main.home().resolve(template.codeUri()),
                                workspace.resolve("function")),
                        RuntimeClient.unpack(Main.target().resolve("runtime-client"), workspace),
                        Map.of());
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(0);
            POSTGRES.execute("postgres", "drop role " + database.role);
        }
        if (moto != null) {
            moto.close();
        }
    }

    @Test
    void createAndUpdateAndDeleteAreAnsweredAndNothingSecretIsPrinted() throws Exception {
        try (Printed printed = new Printed();
                FunctionPool pool = new FunctionPool(function, 1)) {
            for (String type : List.of("Create", "Update", "Delete")) {
                assertInstanceOf(Outcome.Answered.class, invoke(pool, event(type, type)));
                JsonNode answer = answers.poll(10, TimeUnit.SECONDS);
                assertEquals("SUCCESS", answer.required("Status").textValue(), answer::toString);
                if (!type.equals("Delete")) {
                    assertEquals(database.role, answer.at("/Data/Username").textValue());
                }
            }
            Eventually.holds(
                    "its end is printed",
                    () -> printed.has("CloudFormation has its answer", "DELETE"));
            assertFalse(printed.has("X-Amz-Signature", ""));
            assertFalse(printed.has("assword\":", ""));
        }
    }

    @Test
    void eventOfAStrangerFailsAndNobodyIsAsked() throws Exception {
        try (FunctionPool pool = new FunctionPool(function, 1)) {
            Outcome outcome = invoke(pool, event("Create", "1").replace(host(), "127.0.0.1:1"));
            String reason = assertInstanceOf(Outcome.Failed.class, outcome).reason();
            assertTrue(reason.contains("CloudFormation did not send it"), reason);
            assertEquals(1, isModified.getCount());
        }
    }

    @Test
    void nextInstanceFinishesWhatAKilledOneHasBegun() throws Exception {
        answersAreHeld = true;
        FunctionPool killed = new FunctionPool(function, 1);
        var outcome = CompletableFuture.supplyAsync(() -> invoke(killed, event("Create", "1")));
        try {
            assertTrue(isModified.await(60, TimeUnit.SECONDS));
        } finally {
            killed.close();
        }
        assertInstanceOf(Outcome.Failed.class, outcome.get(60, TimeUnit.SECONDS));
        database.isSet.await();
        answersAreHeld = false;
        try (FunctionPool pool = new FunctionPool(function, 1)) {
            assertInstanceOf(Outcome.Answered.class, invoke(pool, event("Create", "1")));
            JsonNode answer = answers.poll(10, TimeUnit.SECONDS);
            assertEquals("SUCCESS", answer.required("Status").textValue(), answer::toString);
        }
    }

    private static Outcome invoke(FunctionPool pool, String event) {
        try {
            return pool.invoke(event.getBytes(StandardCharsets.UTF_8), TIMEOUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private String event(String type, String rotationId) {
        return """
        {
          "RequestType": "%s",
          "ResponseURL": "http://%s/answer?X-Amz-Signature=a%%2Fb",
          "StackId": "%s",
          "RequestId": "request",
          "LogicalResourceId": "DatabaseCredentials",
          "ResourceType": "Custom::DatabaseCredentials",
          "ResourceProperties": {"ServiceToken": "arn", "RotationId": "%s"}
        }
        """
                .formatted(type, host(), STACK_ID, rotationId);
    }

    private void answerAsRds(HttpExchange exchange) throws IOException {
        var form =
                RdsStub.form(
                        new String(
                                exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        RdsStub.Answer answer = database.answer(form);
        if (String.valueOf(form.get("Action")).startsWith("Modify")) {
            isModified.countDown();
            if (answersAreHeld) {
                return;
            }
        }
        byte[] body = answer.xml().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/xml");
        exchange.sendResponseHeaders(answer.status(), body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** As S3 does with a presigned URL that was signed without a Content-Type. */
    private void takeAsS3(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        boolean isTaken =
                exchange.getRequestMethod().equals("PUT")
                        && !exchange.getRequestHeaders().containsKey("Content-Type")
                        && body.length <= 4096;
        if (isTaken) {
            answers.add(JSON.readTree(body));
        }
        exchange.sendResponseHeaders(isTaken ? 200 : 403, -1);
        exchange.close();
    }
}
