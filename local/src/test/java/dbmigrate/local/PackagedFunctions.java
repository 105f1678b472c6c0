package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dbmigrate.testing.TestPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/**
 * The packaged functions of the template as Lambda hosts them, with a database and queues, where
 * each event is handed over by hand: nothing polls a queue and no front makes events of requests.
 */
final class PackagedFunctions implements AutoCloseable {
    static final String ROUTER = "RouterFunction";
    static final String WORKER = "WorkerFunction";
    static final String DEAD_LETTERS = "DeadLetterFunction";
    static final String QUEUE = "MigrationQueue.fifo";

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final TestPostgres POSTGRES = TestPostgres.shared();
    private static final JsonMapper JSON = new JsonMapper();

    static {
        // As in LocalSystem: the JDK's server would answer the runtime client 40 ms late.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final Parts parts = new Parts();
    private final Queues queues;
    private final String database = POSTGRES.newName("e2e_own");
    private final Map<String, HostedFunction> functions = new HashMap<>();
    private final Map<String, FunctionPool> pools = new HashMap<>();

    /**
     * @param workspace an empty folder
     * @param migrations the folder of the SQL
     */
    PackagedFunctions(Path workspace, Path migrations) throws IOException {
        queues = parts.start(Queues::start);
        var template =
                Template.read(
                        Main.home().resolve("template.yaml"),
                        Map.of("DatabaseUrl", POSTGRES.url(database)),
                        queues.endpoint());
        queues.create(template.queues());
        var environment =
                Map.of(
                        // So that the functions' sessions can be told from everybody else's.
                        "DATABASE_URL", POSTGRES.url(database) + "?application_name=" + database,
                        "MIGRATIONS", migrations.toString(),
                        "STACK_NAME", POSTGRES.newName("stack"),
                        "AWS_ENDPOINT_URL_SQS", queues.endpoint().toString());
        var client = RuntimeClient.unpack(Main.target().resolve("runtime-client"), workspace);
        for (var function : template.functions()) {
            Path taskRoot =
                    Zip.unpack(
                            Main.home().resolve(function.codeUri()),
                            workspace.resolve(function.name()));
            var hosted = HostedFunction.of(function, taskRoot, client, environment);
            functions.put(function.name(), hosted);
            pools.put(function.name(), parts.start(() -> new FunctionPool(hosted, 1)));
        }
    }

    HostedFunction function(String name) {
        return Objects.requireNonNull(functions.get(name), name);
    }

    /** The name of the database that DATABASE_URL names. */
    String database() {
        return database;
    }

    /** What a function returns for an event, to the byte. */
    String returned(String function, JsonNode event) throws InterruptedException {
        var pool = Objects.requireNonNull(pools.get(function), function);
        var outcome = pool.invoke(event.toString().getBytes(StandardCharsets.UTF_8), PATIENCE);
        var answered = assertInstanceOf(Outcome.Answered.class, outcome, outcome::toString);
        return new String(answered.payload(), StandardCharsets.UTF_8);
    }

    /** The router's answer to an HTTP event. */
    JsonNode answer(JsonNode event) throws Exception {
        return JSON.readTree(returned(ROUTER, event));
    }

    /** The body of the router's answer, which is JSON. */
    static JsonNode body(JsonNode answer) throws IOException {
        return JSON.readTree(answer.required("body").textValue());
    }

    /** Ends the instances that have taken events; their sessions end with them. */
    void endInstances() {
        pools.values().forEach(FunctionPool::close);
    }

    /** How many sessions the functions have with the server. */
    int sessions() {
        String sql = "select count(*) from pg_stat_activity where application_name = '%s'";
        return Integer.parseInt(POSTGRES.query("postgres", sql.formatted(database)).getFirst());
    }

    /** A request for a migration, with an Idempotency-Key that no other one has. */
    static ObjectNode request(String fixture) {
        return withNewKey(event(fixture));
    }

    /** The same event with another Idempotency-Key. */
    static ObjectNode withNewKey(ObjectNode event) {
        ((ObjectNode) event.required("headers"))
                .put("idempotency-key", UUID.randomUUID().toString());
        return event;
    }

    /** The id of the process of a request that is answered with 202. */
    String accepted(JsonNode event) throws Exception {
        return acceptedIn(answer(event));
    }

    static String acceptedIn(JsonNode answer) throws IOException {
        assertEquals(202, answer.required("statusCode").intValue(), answer::toString);
        return body(answer).required("processId").textValue();
    }

    /**
     * Asks for a migration, and receives its message as an event of the shape that AWS documents.
     */
    ObjectNode received() throws Exception {
        queues.sqs().purgeQueue(request -> request.queueUrl(queues.url(QUEUE)));
        String id = accepted(request("http-api-iam.json"));
        var message = message();
        ObjectNode event = of(event("sqs-fifo.json"), id);
        ObjectNode item = (ObjectNode) event.at("/Records/0");
        item.put("messageId", message.messageId());
        item.put("receiptHandle", message.receiptHandle());
        item.put("md5OfBody", message.md5OfBody());
        ObjectNode attributes = (ObjectNode) item.required("attributes");
        message.attributesAsStrings().forEach(attributes::put);
        return event;
    }

    /** The same event about this process. */
    static ObjectNode of(ObjectNode event, String processId) {
        ((ObjectNode) event.at("/Records/0"))
                .put("body", "{\"processId\":\"%s\"}".formatted(processId));
        return event;
    }

    private Message message() {
        var messages =
                queues.sqs()
                        .receiveMessage(request ->
                                request.queueUrl(queues.url(QUEUE))
                                        .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                                        .waitTimeSeconds(10))
                        .messages();
        assertEquals(1, messages.size(), messages::toString);
        return messages.getFirst();
    }

    /** An event of src/test/resources/events, as AWS documents its shape. */
    static ObjectNode event(String name) {
        try (var json = PackagedFunctions.class.getResourceAsStream("/events/" + name)) {
            return (ObjectNode) JSON.readTree(Objects.requireNonNull(json, name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        parts.close();
    }
}
