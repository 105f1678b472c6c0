package dbmigrate.router;

import dbmigrate.database.DatabaseUrl;
import dbmigrate.queue.ProcessMessage;
import java.time.Duration;
import java.util.UUID;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

/** The FIFO queue that carries processes to the worker, one group a database. */
final class MigrationQueue {
    /** API Gateway waits 30 s for everything, and the database may take 20 of them. */
    private static final Duration WHOLE_CALL = Duration.ofSeconds(4);

    private static final Duration ONE_TRY = Duration.ofSeconds(2);

    private final SqsClient sqs;
    private final String queueUrl;

    MigrationQueue(RouterSettings settings) {
        this.queueUrl = settings.queueUrl();
        this.sqs =
                SqsClient.builder()
                        .region(Region.of(settings.region()))
                        .httpClientBuilder(
                                UrlConnectionHttpClient.builder()
                                        .connectionTimeout(ONE_TRY)
                                        .socketTimeout(ONE_TRY))
                        .overrideConfiguration(
                                client ->
                                        client.apiCallTimeout(WHOLE_CALL)
                                                .apiCallAttemptTimeout(ONE_TRY))
                        .build();
    }

    /**
     * Sends a new process to its database's group.
     *
     * @throws QueueUnavailableException when the queue did not accept the message, or did not say so
     */
    void send(UUID processId, DatabaseUrl database) {
        send(processId, ProcessMessage.group(database), processId.toString());
    }

    /**
     * Sends a stale process once more: in a group of its own, since the old message may still block its
     * database's, and under an id that the queue has not seen, since it drops repeated ones for 5
     * minutes.
     *
     * @param time how often it has been sent, this time included
     */
    void sendAgain(UUID processId, int time) {
        send(processId, processId.toString(), processId + "-" + time);
    }

    private void send(UUID processId, String group, String deduplicationId) {
        try {
            sqs.sendMessage(
                    message ->
                            message.queueUrl(queueUrl)
                                    .messageBody(new ProcessMessage(processId).body())
                                    .messageGroupId(group)
                                    .messageDeduplicationId(deduplicationId));
        } catch (SdkException e) {
            throw new QueueUnavailableException(e);
        }
    }
}
