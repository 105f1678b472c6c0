package dbmigrate.local;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import software.amazon.awssdk.services.sqs.model.Message;

/** The event that Lambda makes of SQS messages. */
final class SqsEvent {
    private static final JsonMapper JSON = new JsonMapper();

    private SqsEvent() {}

    static byte[] of(List<Message> messages, String queue) {
        var event = JSON.createObjectNode();
        var records = event.putArray("Records");
        messages.forEach(message -> fill(records.addObject(), message, queue));
        return event.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void fill(ObjectNode item, Message message, String queue) {
        item.put("messageId", message.messageId());
        item.put("receiptHandle", message.receiptHandle());
        item.put("body", message.body());
        var attributes = item.putObject("attributes");
        message.attributesAsStrings().forEach(attributes::put);
        var messageAttributes = item.putObject("messageAttributes");
        message.messageAttributes()
                .forEach((name, value) -> {
                    var attribute = messageAttributes.putObject(name);
                    if (value.stringValue() != null) {
                        attribute.put("stringValue", value.stringValue());
                    }
                    if (value.binaryValue() != null) {
                        attribute.put(
                                "binaryValue",
                                Base64.getEncoder()
                                        .encodeToString(value.binaryValue().asByteArray()));
                    }
                    attribute.putArray("stringListValues");
                    attribute.putArray("binaryListValues");
                    attribute.put("dataType", value.dataType());
                });
        item.put("md5OfBody", message.md5OfBody());
        item.put("eventSource", "aws:sqs");
        item.put("eventSourceARN", Arn.of("sqs", queue));
        item.put("awsRegion", Arn.REGION);
    }
}
