package dbmigrate.worker;

import java.time.Duration;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

/** How long the queue hides a message from other workers. */
final class MigrationQueue {
    private static final Duration WHOLE_CALL = Duration.ofSeconds(4);
    private static final Duration ONE_TRY = Duration.ofSeconds(2);
    private static final int BAD_REQUEST = 400;

    private final SqsClient sqs;
    private final String queueUrl;

    /** What became of a change of visibility. */
    enum Change {
        DONE,
        /** The message is another's by now: its visibility ran out. */
        LOST,
        /** The queue could not be asked; the visibility stays what it was. */
        UNKNOWN
    }

    MigrationQueue(WorkerSettings settings) {
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

    /** Hides a message for that long from now on, rounded up to seconds. */
    Change hide(String receiptHandle, Duration time) {
        int seconds = Math.toIntExact(time.plusMillis(999).toSeconds());
        try {
            sqs.changeMessageVisibility(
                    change ->
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
}
