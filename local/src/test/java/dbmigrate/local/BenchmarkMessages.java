package dbmigrate.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/** From the router to the worker: a request, its message, and what has become of it. */
final class BenchmarkMessages {
    private final Queues queues;
    private final FunctionPool router;

    BenchmarkMessages(Queues queues, FunctionPool router) {
        this.queues = queues;
        this.router = router;
    }

    /**
     * @param event as Lambda hands it to the worker
     */
    record Message(JsonNode event, String processId, String receiptHandle) {}

    /** What asks a worker to migrate this database. */
    Message received(String database) throws Exception {
        var answer = Calls.answer(router, Calls.post(database));
        // A machine that is busy; here nothing is measured yet.
        for (int i = 0; i < 10 && answer.path("statusCode").asInt() == 503; i++) {
            answer = Calls.answer(router, Calls.post(database));
        }
        return received(answer);
    }

    /** The message that the router has just sent. */
    Message received(JsonNode answer) throws Exception {
        String id = PackagedFunctions.acceptedIn(answer);
        while (true) {
            var messages =
                    queues.sqs()
                            .receiveMessage(request ->
                                    request.queueUrl(queues.url(PackagedFunctions.QUEUE))
                                            .messageSystemAttributeNames(
                                                    MessageSystemAttributeName.ALL)
                                            .waitTimeSeconds(10))
                            .messages();
            for (var message : messages) {
                if (message.body().contains(id)) {
                    var event = PackagedFunctions.of(PackagedFunctions.event("sqs-fifo.json"), id);
                    ObjectNode item = (ObjectNode) event.at("/Records/0");
                    item.put("messageId", message.messageId());
                    item.put("receiptHandle", message.receiptHandle());
                    item.put("md5OfBody", message.md5OfBody());
                    ObjectNode attributes = (ObjectNode) item.required("attributes");
                    message.attributesAsStrings().forEach(attributes::put);
                    return new Message(event, id, message.receiptHandle());
                }
                acknowledge(message.receiptHandle());
            }
        }
    }

    /** As Lambda does when the worker has answered. */
    void acknowledge(String receiptHandle) {
        queues.sqs()
                .deleteMessage(request ->
                        request.queueUrl(queues.url(PackagedFunctions.QUEUE))
                                .receiptHandle(receiptHandle));
    }

    /** What the rows say of a process; a benchmark of one that failed would be a lie. */
    void requireCompleted(String processId) throws Exception {
        String state =
                Report.JSON
                        .readTree(
                                Calls.answer(router, Calls.get(processId))
                                        .required("body")
                                        .textValue())
                        .required("state")
                        .textValue();
        if (!state.equals("COMPLETED")) {
            throw new IllegalStateException("The process " + processId + " is " + state + ".");
        }
    }
}
