package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

class QueuesTest {
    private static Queues queues;

    @BeforeAll
    static void start() {
        queues = Queues.start();
    }

    @AfterAll
    static void end() {
        queues.close();
    }

    @Test
    void queuesOfTheTemplateHaveExactlyItsAttributes() {
        var template =
                Template.read(
                        Main.home().resolve("template.yaml"),
                        Map.of("DatabaseUrl", "postgresql://u@127.0.0.1/app"),
                        queues.endpoint());
        queues.create(template.queues());
        for (var queue : template.queues()) {
            var actual =
                    queues.sqs()
                            .getQueueAttributes(request ->
                                    request.queueUrl(queues.url(queue.name()))
                                            .attributeNames(QueueAttributeName.ALL))
                            .attributes();
            var expected = Queues.attributes(queue);
            // ElasticMQ neither encrypts nor forgets a message.
            expected.remove(QueueAttributeName.SQS_MANAGED_SSE_ENABLED);
            expected.remove(QueueAttributeName.MESSAGE_RETENTION_PERIOD);
            // Written by another JSON library.
            expected.computeIfPresent(
                    QueueAttributeName.REDRIVE_POLICY, (_, policy) -> sorted(policy));
            expected.forEach((name, value) ->
                    assertEquals(
                            value,
                            name == QueueAttributeName.REDRIVE_POLICY
                                    ? sorted(actual.getOrDefault(name, ""))
                                    : actual.get(name),
                            queue.name() + " " + name));
        }
    }

    @Test
    void messageReceivedTooOftenGoesToTheDeadLetterQueue() throws Exception {
        fifo("DeadA.fifo", Map.of());
        fifo(
                "A.fifo",
                Map.of(
                        "VisibilityTimeout",
                        0,
                        "RedrivePolicy",
                        Map.of(
                                "deadLetterTargetArn",
                                Arn.of("sqs", "DeadA.fifo"),
                                "maxReceiveCount",
                                2)));
        send("A.fifo", "group", "one");
        assertEquals(List.of("one"), bodies(receive("A.fifo", 10)));
        assertEquals(List.of("one"), bodies(receive("A.fifo", 10)));
        assertEquals(List.of(), bodies(receive("A.fifo", 10)));
        assertEquals(List.of("one"), bodies(receive("DeadA.fifo", 10)));
    }

    @Test
    void groupHasOneBatchInFlight() {
        fifo("B.fifo", Map.of("VisibilityTimeout", 900));
        send("B.fifo", "group", "one");
        send("B.fifo", "group", "two");
        send("B.fifo", "other", "three");
        // Between groups there is no order.
        var inFlight = Stream.of(receive("B.fifo", 1), receive("B.fifo", 1)).flatMap(List::stream);
        var byBody = inFlight.collect(Collectors.toMap(Message::body, Message::receiptHandle));
        assertEquals(Set.of("one", "three"), byBody.keySet());
        assertTrue(receive("B.fifo", 1).isEmpty());
        queues.sqs()
                .deleteMessage(request ->
                        request.queueUrl(queues.url("B.fifo")).receiptHandle(byBody.get("one")));
        assertEquals(List.of("two"), bodies(receive("B.fifo", 1)));
    }

    @Test
    void messageGivenBackIsReceivedAgain() {
        fifo("C.fifo", Map.of("VisibilityTimeout", 900));
        send("C.fifo", "group", "one");
        var handle = receive("C.fifo", 1).getFirst().receiptHandle();
        queues.sqs()
                .changeMessageVisibility(request ->
                        request.queueUrl(queues.url("C.fifo"))
                                .receiptHandle(handle)
                                .visibilityTimeout(0));
        assertEquals(List.of("one"), bodies(receive("C.fifo", 1)));
    }

    private static void fifo(String name, Map<String, Object> properties) {
        var all = new HashMap<>(properties);
        all.put("FifoQueue", true);
        queues.create(List.of(new Template.Queue(name, all)));
    }

    private static void send(String queue, String group, String body) {
        queues.sqs()
                .sendMessage(request ->
                        request.queueUrl(queues.url(queue))
                                .messageGroupId(group)
                                .messageDeduplicationId(body)
                                .messageBody(body));
    }

    private static List<Message> receive(String queue, int most) {
        return queues.sqs()
                .receiveMessage(
                        request -> request.queueUrl(queues.url(queue)).maxNumberOfMessages(most))
                .messages();
    }

    private static List<String> bodies(List<Message> messages) {
        return messages.stream().map(Message::body).toList();
    }

    private static String sorted(String json) {
        return Arrays.stream(json.replaceAll("[{}\\s\"]", "").split(","))
                .sorted()
                .toList()
                .toString();
    }

    @Test
    void queuesOfAnotherServerAreUsedAndMissingOnesNamed() {
        try (var others = Queues.at(queues.endpoint())) {
            var there = new Template.Queue("There.fifo", Map.of("FifoQueue", true));
            var missing = new Template.Queue("Missing.fifo", Map.of("FifoQueue", true));
            queues.create(List.of(there));
            others.create(List.of(there));
            assertEquals(queues.url("There.fifo"), others.url("There.fifo"));
            var refused = assertThrows(LocalException.class, () -> others.create(List.of(missing)));
            String said = String.valueOf(refused.getMessage());
            assertTrue(said.startsWith(queues.endpoint() + " has no queue Missing.fifo."), said);
        }
        assertTrue(queues.url("There.fifo").endsWith("There.fifo"));
    }
}
