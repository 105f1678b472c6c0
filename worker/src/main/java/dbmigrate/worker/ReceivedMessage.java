package dbmigrate.worker;

import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import dbmigrate.queue.MigrationQueue;
import dbmigrate.queue.ProcessMessage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** A message that this worker has received and hides from the others. */
record ReceivedMessage(SQSMessage message, MigrationQueue queue) {
    /** Short, so that a killed worker's message comes back soon; the heartbeat renews it. */
    private static final Duration HIDDEN = Duration.ofSeconds(30);

    Optional<ProcessMessage> content() {
        return ProcessMessage.parse(message.getBody());
    }

    String id() {
        return message.getMessageId();
    }

    /** Hides the message for the usual time from now on. */
    MigrationQueue.Change keep() {
        return queue.hide(message.getReceiptHandle(), HIDDEN);
    }

    /** Lets the message come back after a pause. */
    MigrationQueue.Change giveBack(Duration pause) {
        return queue.hide(message.getReceiptHandle(), pause);
    }

    /** How long ago it was sent. */
    Duration age(Clock clock) {
        return Duration.between(Instant.ofEpochMilli(number("SentTimestamp")), clock.instant());
    }

    /** How often it has been received, this time included. */
    int receives() {
        return Math.toIntExact(number("ApproximateReceiveCount"));
    }

    private long number(String attribute) {
        Map<String, String> attributes = message.getAttributes();
        return Long.parseLong(attributes.getOrDefault(attribute, "0"));
    }
}
