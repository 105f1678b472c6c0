package dbmigrate.credentials;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * Puts the answer where CloudFormation wants it. The JDK's newer HTTP client sends no Content-Type
 * of its own, which the signature of the URL does not allow.
 */
final class AnswerSender {
    private static final Duration ONE_TRY = Duration.ofSeconds(8);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);

    private AnswerSender() {}

    /**
     * Sends it, and again where S3 has a fault or does not answer.
     *
     * @throws IOException that shows nothing of the URL, where nobody took it: Lambda then calls
     *     the function again with the same event, and all is found as it was left
     */
    static void send(ResponseUrl url, byte[] answer, Deadline deadline) throws IOException {
        // HTTP/1.1: the other version would ask for an upgrade first.
        try (HttpClient http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(ONE_TRY)
                        .build()) {
            Duration pause = FIRST_PAUSE;
            while (true) {
                OptionalInt status = put(http, url, answer, deadline);
                if (status.isPresent() && status.getAsInt() / 100 == 2) {
                    return;
                }
                if (status.isPresent() && status.getAsInt() < 500) {
                    throw new IOException(
                            "S3 refuses the answer for CloudFormation with status %d: has its URL expired, or does the policy of an endpoint forbid it?"
                                    .formatted(status.getAsInt()));
                }
                if (deadline.left().compareTo(pause) <= 0) {
                    throw new IOException(
                            "S3 does not take the answer for CloudFormation (%s); check that the function's network has a route to S3: a gateway endpoint in the VPC, whose policy lets it put to CloudFormation's bucket, or NAT"
                                    .formatted(
                                            status.isPresent()
                                                    ? "status " + status.getAsInt()
                                                    : "no answer"));
                }
                deadline.pause(pause);
                pause = pause.multipliedBy(2);
            }
        }
    }

    /** The status, or nothing where there was no answer. */
    private static OptionalInt put(
            HttpClient http, ResponseUrl url, byte[] answer, Deadline deadline) throws IOException {
        Duration left = deadline.left().plusMillis(1);
        HttpRequest request =
                HttpRequest.newBuilder(url.reveal())
                        .timeout(left.compareTo(ONE_TRY) < 0 ? left : ONE_TRY)
                        .PUT(BodyPublishers.ofByteArray(answer))
                        .build();
        try {
            return OptionalInt.of(http.send(request, BodyHandlers.discarding()).statusCode());
        } catch (IOException e) {
            return OptionalInt.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while CloudFormation was answered");
        }
    }
}
