package dbmigrate.local;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/**
 * Lambda's SQS event source mapping: receives batches, has the function run them, deletes what
 * succeeded. What failed stays in the queue until its visibility ends. That one group has one batch
 * in flight is the queue's doing.
 */
final class EventSourceMapping implements AutoCloseable {
    /**
     * Lambda has SQS wait with its receive. ElasticMQ 1.7.1 keeps a core busy for as long as
     * somebody waits so and the only message belongs to a group that has another one in flight,
     * which is every process that waits its turn.
     */
    private static final Duration BETWEEN_RECEIVES = Duration.ofMillis(100);

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Template.Mapping mapping;
    private final FunctionPool function;
    private final SqsClient sqs;
    private final String queueUrl;
    private final Semaphore slots;
    private final CountDownLatch closed = new CountDownLatch(1);

    private EventSourceMapping(
            Template.Mapping mapping, FunctionPool function, SqsClient sqs, String queueUrl) {
        this.mapping = mapping;
        this.function = function;
        this.sqs = sqs;
        this.queueUrl = queueUrl;
        this.slots = new Semaphore(mapping.maximumConcurrency());
    }

    static EventSourceMapping start(
            Template.Mapping mapping, FunctionPool function, SqsClient sqs, String queueUrl) {
        var started = new EventSourceMapping(mapping, function, sqs, queueUrl);
        Thread.ofPlatform().daemon().name(mapping.queue()).start(started::poll);
        return started;
    }

    private void poll() {
        while (!isClosed()) {
            slots.acquireUninterruptibly();
            var batch = receive();
            if (batch.isEmpty()) {
                slots.release();
                pause();
            } else {
                Threads.start(() -> process(batch));
            }
        }
    }

    private List<Message> receive() {
        try {
            return sqs.receiveMessage(request ->
                            request.queueUrl(queueUrl)
                                    .maxNumberOfMessages(mapping.batchSize())
                                    .waitTimeSeconds(0)
                                    .messageAttributeNames("All")
                                    .messageSystemAttributeNames(MessageSystemAttributeName.ALL))
                    .messages();
        } catch (SdkException | IllegalStateException e) {
            // Closing breaks the connection of the receive that waits.
            if (!isClosed()) {
                System.err.println("Receiving from " + mapping.queue() + ": " + e.getMessage());
            }
            return List.of();
        }
    }

    private void process(List<Message> batch) {
        try {
            var done = done(batch, function.invoke(SqsEvent.of(batch, mapping.queue()), PATIENCE));
            batch.stream()
                    .filter(message -> done.contains(message.messageId()))
                    .forEach(this::delete);
        } catch (IOException | SdkException | IllegalStateException e) {
            if (!isClosed()) {
                System.err.println("Messages of " + mapping.queue() + ": " + e.getMessage());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            slots.release();
        }
    }

    private Set<String> done(List<Message> batch, Outcome outcome) throws IOException {
        var ids = batch.stream().map(Message::messageId).collect(Collectors.toSet());
        return switch (outcome) {
            case Outcome.Answered(var payload) -> {
                if (mapping.reportsItemFailures()) {
                    var failed = BatchResponse.failures(payload, ids);
                    ids.removeAll(failed.orElse(Set.copyOf(ids)));
                }
                yield ids;
            }
            case Outcome.Failed(var reason) -> {
                if (!isClosed()) {
                    System.err.println(
                            "%s failed, and its messages stay in the queue: %s"
                                    .formatted(mapping.function(), reason));
                }
                yield Set.of();
            }
            case Outcome.Throttled _ -> Set.of();
        };
    }

    private void delete(Message message) {
        sqs.deleteMessage(
                request -> request.queueUrl(queueUrl).receiptHandle(message.receiptHandle()));
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    private void pause() {
        try {
            closed.await(BETWEEN_RECEIVES.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            close();
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
