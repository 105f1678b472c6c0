package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

class EventSourceMappingTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir Path home;
    @TempDir Path workspace;
    private final Parts parts = new Parts();
    private Queues queues;
    private TestProject project;

    @BeforeEach
    void start() throws Exception {
        project = TestProject.in(home);
        queues = parts.start(Queues::start);
        var template =
                Template.read(
                        home.resolve("template.yaml"),
                        Map.of("DatabaseUrl", ""),
                        queues.endpoint());
        queues.create(template.queues());
        var hosted = project.function(workspace, Duration.ofSeconds(20), Map.of());
        var pool = parts.start(() -> new FunctionPool(hosted, 2));
        parts.start(() ->
                EventSourceMapping.start(
                        template.mappings().getFirst(),
                        pool,
                        queues.sqs(),
                        queues.url("Orders.fifo")));
    }

    @AfterEach
    void end() {
        parts.close();
    }

    @Test
    void messageThatSucceedsIsDeletedAndOneThatFailsIsRepeatedUntilItIsADeadLetter()
            throws Exception {
        send("good", "a");
        send("fail", "b");
        Eventually.holds("the failing one is a dead letter", () -> count("Dead.fifo") == 1);
        assertEquals(0, count("Orders.fifo"));
        assertEquals(1, records("good").size());
        assertEquals(
                List.of("1", "2"),
                records("fail").stream()
                        .map(r -> r.at("/attributes/ApproximateReceiveCount").textValue())
                        .toList());
    }

    @Test
    void functionThatDiesLeavesItsMessagesInTheQueue() throws Exception {
        send("exit", "a");
        Eventually.holds("it is a dead letter after two receives", () -> count("Dead.fifo") == 1);
        assertEquals(2, records("exit").size());
    }

    @Test
    void eventIsTheOneThatLambdaMakes() throws Exception {
        send("good", "group");
        Eventually.holds("the function has noted it", () -> !records("good").isEmpty());
        var item = records("good").getFirst();
        var names = new TreeSet<String>();
        item.fieldNames().forEachRemaining(names::add);
        assertEquals(
                "[attributes, awsRegion, body, eventSource, eventSourceARN, md5OfBody,"
                        + " messageAttributes, messageId, receiptHandle]",
                names.toString());
        assertEquals("aws:sqs", item.get("eventSource").textValue());
        assertEquals(
                "arn:aws:sqs:us-east-1:000000000000:Orders.fifo",
                item.get("eventSourceARN").textValue());
        var attributes = new TreeSet<String>();
        item.get("attributes").fieldNames().forEachRemaining(attributes::add);
        for (String name :
                List.of(
                        "ApproximateFirstReceiveTimestamp",
                        "ApproximateReceiveCount",
                        "MessageDeduplicationId",
                        "MessageGroupId",
                        "SenderId",
                        "SentTimestamp",
                        "SequenceNumber")) {
            assertEquals(name, attributes.ceiling(name), attributes::toString);
        }
    }

    private void send(String body, String group) {
        queues.sqs()
                .sendMessage(request ->
                        request.queueUrl(queues.url("Orders.fifo"))
                                .messageGroupId(group)
                                .messageDeduplicationId(body + group)
                                .messageBody(body));
    }

    private int count(String queue) {
        var attributes =
                queues.sqs()
                        .getQueueAttributes(request ->
                                request.queueUrl(queues.url(queue))
                                        .attributeNames(QueueAttributeName.ALL))
                        .attributes();
        return Integer.parseInt(attributes.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES))
                + Integer.parseInt(
                        attributes.get(
                                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE));
    }

    /** What the function was given of messages with this body. */
    private List<JsonNode> records(String body) throws IOException {
        Path events = project.notes().resolve("events");
        if (!Files.exists(events)) {
            return List.of();
        }
        var found = new ArrayList<JsonNode>();
        for (String line : Files.readAllLines(events)) {
            JSON.readTree(line)
                    .get("Records")
                    .valueStream()
                    .filter(r -> r.get("body").textValue().equals(body))
                    .forEach(found::add);
        }
        return found;
    }
}
