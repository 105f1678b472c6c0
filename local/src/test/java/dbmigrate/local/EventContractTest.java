package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dbmigrate.testing.TestPostgres;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The packaged functions take the events that AWS documents: HTTP API, payload format 2.0, with
 * each kind of authoriser (API Gateway, "Create AWS Lambda proxy integrations for HTTP APIs"), and
 * SQS FIFO (Lambda, "Using Lambda with Amazon SQS"; "Handling errors for an SQS event source").
 */
@Tag("database")
class EventContractTest {
    private static final TestPostgres POSTGRES = TestPostgres.shared();
    private static final String IAM = "http-api-iam.json";
    private static final String JWT = "http-api-jwt.json";
    private static final String LAMBDA = "http-api-lambda-authorizer.json";
    private static final String NONE = "http-api-no-authorizer.json";
    private static final String MESSAGE = "sqs-fifo.json";
    private static final String DEAD_LETTER = "sqs-fifo-dead-letter.json";
    private static final String ALL_DONE = "{\"batchItemFailures\":[]}";

    @TempDir static Path migrations;
    @TempDir static Path workspace;
    private static PackagedFunctions functions;

    @BeforeAll
    static void start() throws Exception {
        new MigrationFolder(migrations).with("V1__a.sql", "create table a ()");
        functions = new PackagedFunctions(workspace, migrations);
    }

    @AfterAll
    static void stop() {
        functions.close();
    }

    @Test
    void requestIsRecordedWithTheIdentityThatItsAuthoriserProved() throws Exception {
        String id = functions.accepted(PackagedFunctions.request(IAM));
        assertEquals("arn:aws:sts::123456789012:assumed-role/deploy/ci", identityOf(id));
    }

    /** The template's functions take an identity of IAM, and of nothing else. */
    @ParameterizedTest
    @ValueSource(strings = {JWT, LAMBDA, NONE})
    void requestThatAnotherAuthoriserOrNoneSawIsNobodys(String fixture) throws Exception {
        ObjectNode post = PackagedFunctions.request(fixture);
        if (fixture.equals(NONE)) {
            post.put("rawPath", "/db-migrate").put("routeKey", "$default");
            http(post).put("method", "POST");
        }
        assertUnauthenticated(post);
    }

    @Test
    void healthIsAnsweredWithoutAnAuthoriser() throws Exception {
        JsonNode answer = functions.answer(PackagedFunctions.event(NONE));
        assertEquals(200, answer.required("statusCode").intValue());
        assertEquals("{\"status\":\"ok\"}", answer.required("body").textValue());
    }

    @Test
    void answerHasTheMembersOfPayloadFormat2() throws Exception {
        JsonNode answer = functions.answer(PackagedFunctions.request(IAM));
        List<String> names = new ArrayList<>();
        answer.fieldNames().forEachRemaining(names::add);
        assertEquals(List.of("statusCode", "headers", "body", "isBase64Encoded"), names);
        assertTrue(answer.required("statusCode").isInt());
        assertTrue(answer.required("body").isTextual());
        assertTrue(answer.required("isBase64Encoded").isBoolean());
        answer.required("headers").forEach(header -> assertTrue(header.isTextual(), "a header"));
    }

    @Test
    void processIsFoundByItsIdAndOneOfNobodyIsNot() throws Exception {
        String id = functions.accepted(PackagedFunctions.request(IAM));
        JsonNode found = functions.answer(get("/db-migrate/" + id));
        assertEquals(200, found.required("statusCode").intValue());
        assertEquals(id, PackagedFunctions.body(found).required("processId").textValue());
        JsonNode unknown = functions.answer(get("/db-migrate/" + UUID.randomUUID()));
        assertEquals(404, unknown.required("statusCode").intValue());
    }

    @Test
    void stageBeforeThePathAndABodyInBase64AreUnderstood() throws Exception {
        ObjectNode post = PackagedFunctions.request(JWT);
        // This stack's authoriser is the one of IAM.
        JsonNode proved = PackagedFunctions.request(IAM).at("/requestContext/authorizer");
        ((ObjectNode) post.required("requestContext")).set("authorizer", proved);
        JsonNode process = process(functions.accepted(post));
        assertEquals("Übergabe 42", process.required("requestedBy").textValue());
    }

    @Test
    void headerThatCameTwiceIsOneWithItsValuesBehindCommas() throws Exception {
        JsonNode answer = functions.answer(PackagedFunctions.request(IAM));
        assertEquals("wait=0", answer.at("/headers/preference-applied").textValue());
    }

    @Test
    void parameterThatCameTwiceIsReadFromTheRawQuery() throws Exception {
        ObjectNode list = get("/db-migrate");
        list.put("rawQueryString", "limit=1&database=a%2Cb");
        list.putObject("queryStringParameters").put("limit", "1").put("database", "a,b");
        assertEquals(200, functions.answer(list).required("statusCode").intValue());
        list.put("rawQueryString", "database=a&database=b");
        list.putObject("queryStringParameters").put("database", "a,b");
        assertEquals(400, functions.answer(list).required("statusCode").intValue());
    }

    @Test
    void membersThatAwsMayAddChangeNothing() throws Exception {
        String identity = identityOf(functions.accepted(PackagedFunctions.request(IAM)));
        ObjectNode more = PackagedFunctions.request(IAM);
        addMembers(more);
        assertEquals(identity, identityOf(functions.accepted(more)));
    }

    /** AWS documents null for what a request or an authoriser does not have. */
    @Test
    void membersThatAreNullAreAsThoughTheyWereAbsent() throws Exception {
        ObjectNode event = PackagedFunctions.request(IAM);
        for (String name :
                List.of(
                        "body",
                        "cookies",
                        "queryStringParameters",
                        "pathParameters",
                        "stageVariables")) {
            event.putNull(name);
        }
        ObjectNode context = (ObjectNode) event.required("requestContext");
        context.putNull("authentication");
        ObjectNode authorizer = (ObjectNode) context.required("authorizer");
        for (String kind : List.of("iam", "jwt", "lambda")) {
            if (!authorizer.has(kind)) {
                authorizer.putNull(kind);
            }
        }
        String identity = identityOf(functions.accepted(PackagedFunctions.request(IAM)));
        assertEquals(identity, identityOf(functions.accepted(PackagedFunctions.withNewKey(event))));
        authorizer.putNull("lambda").putNull("iam").putNull("jwt");
        assertUnauthenticated(event);
        context.putNull("authorizer");
        assertUnauthenticated(event);
    }

    @Test
    void workerAcknowledgesTheMessageOfAProcessThatItHasCompleted() throws Exception {
        ObjectNode event = functions.received();
        assertEquals(ALL_DONE, functions.returned(PackagedFunctions.WORKER, event));
        assertEquals("COMPLETED", stateIn(event));
    }

    @Test
    void workerNamesTheMessageThatComesBackAndNoOther() throws Exception {
        ObjectNode event = functions.received();
        JsonNode nobodys = PackagedFunctions.event(MESSAGE).at("/Records/0");
        ((ArrayNode) event.required("Records")).add(nobodys);
        // The queue does not know its receipt handle: it is another worker's.
        assertEquals(
                "{\"batchItemFailures\":[{\"itemIdentifier\":\"%s\"}]}"
                        .formatted(nobodys.required("messageId").textValue()),
                functions.returned(PackagedFunctions.WORKER, event));
        assertEquals("COMPLETED", stateIn(event));
    }

    @Test
    void membersThatAwsMayAddToAMessageChangeNothing() throws Exception {
        ObjectNode event = functions.received();
        addMembers(event);
        assertEquals(ALL_DONE, functions.returned(PackagedFunctions.WORKER, event));
        assertEquals("COMPLETED", stateIn(event));
    }

    @Test
    void deadLetterOfAProcessThatNobodyIsAtWorkOnIsAcknowledgedAndItFails() throws Exception {
        ObjectNode event =
                PackagedFunctions.of(
                        PackagedFunctions.event(DEAD_LETTER),
                        functions.accepted(PackagedFunctions.request(IAM)));
        assertEquals(ALL_DONE, functions.returned(PackagedFunctions.DEAD_LETTERS, event));
        assertEquals("FAILED", stateIn(event));
    }

    @Test
    void deadLetterOfAProcessThatAnAttemptIsAtWorkOnComesBack() throws Exception {
        String id = functions.accepted(PackagedFunctions.request(IAM));
        POSTGRES.execute(
                "postgres",
                """
                update db_migrate.process
                set state = 'RUNNING', attempt = 1, started_at = clock_timestamp(),
                    attempt_started_at = clock_timestamp(), heartbeat_at = clock_timestamp(),
                    lease_until = clock_timestamp() + interval '1 h'
                where id = '%s'
                """
                        .formatted(id));
        ObjectNode event = PackagedFunctions.of(PackagedFunctions.event(DEAD_LETTER), id);
        assertEquals(
                "{\"batchItemFailures\":[{\"itemIdentifier\":\"%s\"}]}"
                        .formatted(event.at("/Records/0/messageId").textValue()),
                functions.returned(PackagedFunctions.DEAD_LETTERS, event));
        assertEquals("RUNNING", stateIn(event));
    }

    private static ObjectNode get(String path) {
        ObjectNode event = PackagedFunctions.event(IAM);
        event.put("rawPath", path).remove("body");
        http(event).put("method", "GET").put("path", path);
        return event;
    }

    private static ObjectNode http(ObjectNode event) {
        return (ObjectNode) event.at("/requestContext/http");
    }

    private static JsonNode process(String id) throws Exception {
        return PackagedFunctions.body(functions.answer(get("/db-migrate/" + id)));
    }

    private static void assertUnauthenticated(ObjectNode event) throws Exception {
        JsonNode answer = functions.answer(event);
        assertEquals(401, answer.required("statusCode").intValue(), answer::toString);
        assertEquals(
                "UNAUTHENTICATED", PackagedFunctions.body(answer).required("code").textValue());
    }

    private static String identityOf(String id) throws Exception {
        JsonNode trail = functions.answer(get("/db-migrate/" + id + "/events"));
        return PackagedFunctions.body(trail).at("/events/0/identity").textValue();
    }

    private static String stateIn(JsonNode event) throws Exception {
        String id = event.at("/Records/0/body").textValue().split("\"")[3];
        return process(id).required("state").textValue();
    }

    /** Adds a member to every object. */
    private static void addMembers(JsonNode node) {
        node.forEach(EventContractTest::addMembers);
        if (node instanceof ObjectNode object) {
            object.putObject("addedLater").putArray("values").add(1).addNull().add("text");
        }
    }
}
