package dbmigrate.queue;

import dbmigrate.aws.UrlConnections;
import dbmigrate.database.DatabaseUrl;
import dbmigrate.settings.QueueSettings;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.SqsClientBuilder;

/** The FIFO queue that carries processes from the router to the worker, one group a database. */
public final class MigrationQueue implements AutoCloseable {
    /** API Gateway waits 30 s for everything, and the database may take 20 of them. */
    private static final Duration WHOLE_CALL = Duration.ofSeconds(4);

    private static final Duration ONE_TRY = Duration.ofSeconds(2);
    private static final int BAD_REQUEST = 400;

    private final SqsClient sqs;
    private final String queueUrl;
    private final boolean isRefused;

    /** What became of a change of visibility. */
    public enum Change {
        DONE,
        /** The message is another's by now: its visibility ran out. */
        LOST,
        /** The queue could not be asked, or refused for another reason; nothing has changed. */
        UNKNOWN
    }

    /** A client of the queue. */
    public MigrationQueue(QueueSettings queue) {
        this(queue, client(queue).build());
    }

    private MigrationQueue(QueueSettings queue, SqsClient sqs) {
        this(queue.url(), sqs, false);
    }

    private MigrationQueue(String queueUrl, SqsClient sqs, boolean isRefused) {
        this.queueUrl = queueUrl;
        this.sqs = sqs;
        this.isRefused = isRefused;
    }

    private static SqsClientBuilder client(QueueSettings queue) {
        return client(queue, Map.of());
    }

    private static SqsClientBuilder client(QueueSettings queue, Map<String, List<String>> headers) {
        return SqsClient.builder()
                .region(Region.of(queue.region()))
                .httpClient(new UrlConnections(ONE_TRY))
                .overrideConfiguration(client ->
                        client.headers(headers)
                                .apiCallTimeout(WHOLE_CALL)
                                .apiCallAttemptTimeout(ONE_TRY));
    }

    /**
     * Loads what the calls need: the SDK makes both, with credentials of nobody, to an address on
     * this machine where nobody listens.
     */
    public static void prime(QueueSettings queue, DatabaseUrl database) {
        try (SqsClient nowhere =
                client(queue)
                        .endpointOverride(URI.create("http://127.0.0.1:1"))
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create("nobody", "nothing")))
                        .build()) {
            MigrationQueue unreachable = new MigrationQueue(queue, nowhere);
            unreachable.hide("nothing", Duration.ZERO);
            unreachable.send(new UUID(0, 0), database);
        } catch (QueueUnavailableException e) {
            // As it has to be.
        }
    }

    /**
     * The queue as it refuses what it is asked for: a message sent this way is empty, and no queue
     * takes that. For calls that go all the way and change nothing. Each has a connection of its
     * own, and with {@link #close} nothing is left of them, the role's credentials neither.
     */
    public static MigrationQueue refusing(QueueSettings queue) {
        SqsClient sqs = client(queue, Map.of("Connection", List.of("close"))).build();
        return new MigrationQueue(queue.url(), sqs, true);
    }

    /**
     * Sends a new process to its database's group.
     *
     * @throws QueueUnavailableException when the queue did not accept the message, or did not say
     *     so
     */
    public void send(UUID processId, DatabaseUrl database) {
        send(processId, ProcessMessage.group(database), processId.toString());
    }

    /**
     * Sends a stale process once more: in a group of this message's own, since an older one may
     * still block its own group for the queue's whole visibility (its worker died before its first
     * call), and under an id that the queue has not seen, since it drops repeated ones for 5
     * minutes.
     *
     * @param time how often it has been sent, this time included
     * @throws QueueUnavailableException when the queue did not accept the message, or did not say
     *     so
     */
    public void sendAgain(UUID processId, int time) {
        String own = processId + "-" + time;
        send(processId, own, own);
    }

    /** Hides a received message for that long from now on, rounded up to seconds. */
    public Change hide(String receiptHandle, Duration time) {
        int seconds = Math.toIntExact(time.plusMillis(999).toSeconds());
        try {
            sqs.changeMessageVisibility(change ->
                    change.queueUrl(queueUrl)
                            .receiptHandle(receiptHandle)
                            .visibilityTimeout(seconds));
            return Change.DONE;
        } catch (AwsServiceException e) {
            return e.statusCode() == BAD_REQUEST && !e.isThrottlingException()
                    ? Change.LOST
                    : Change.UNKNOWN;
        } catch (SdkException e) {
            return Change.UNKNOWN;
        }
    }

    private void send(UUID processId, String group, String deduplicationId) {
        try {
            sqs.sendMessage(message ->
                    message.queueUrl(queueUrl)
                            .messageBody(isRefused ? "" : new ProcessMessage(processId).body())
                            .messageGroupId(group)
                            .messageDeduplicationId(deduplicationId));
        } catch (SdkException e) {
            throw new QueueUnavailableException(e);
        }
    }

    @Override
    public void close() {
        sqs.close();
    }
}
