package dbmigrate.worker;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse.BatchItemFailure;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads the queue's event and writes the partial batch response, as far as the worker needs them.
 */
final class QueueEvent {
    private QueueEvent() {}

    /**
     * Reads an event.
     *
     * @throws IllegalArgumentException when the input is no JSON: whoever invoked the function was
     *     not an event source mapping
     */
    static SQSEvent read(InputStream input) throws IOException {
        try {
            SQSEvent event = new SQSEvent();
            event.setRecords(
                    JsonObject.of(Json.read(input)).objects("Records").stream()
                            .map(QueueEvent::message)
                            .toList());
            return event;
        } catch (MalformedJsonException e) {
            throw new IllegalArgumentException("the event is no JSON", e);
        }
    }

    /** The response's JSON. */
    static String write(SQSBatchResponse response) {
        return Json.write(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("batchItemFailures");
            for (BatchItemFailure failure : response.getBatchItemFailures()) {
                json.writeStartObject();
                json.writeStringField("itemIdentifier", failure.getItemIdentifier());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private static SQSMessage message(JsonObject json) {
        SQSMessage message = new SQSMessage();
        message.setMessageId(json.string("messageId").orElse(""));
        message.setReceiptHandle(json.string("receiptHandle").orElse(""));
        message.setBody(json.string("body").orElse(""));
        message.setAttributes(json.object("attributes").strings());
        return message;
    }
}
