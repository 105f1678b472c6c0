package dbmigrate.local;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/**
 * SQS: an ElasticMQ in this process, with the template's queues, or a running server that has them
 * already. FIFO order and groups are the server's own.
 */
final class Queues implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    static {
        takeTheWarningOfPekko();
    }

    private final Optional<SQSRestServer> server;
    private final URI endpoint;
    private final SqsClient sqs;

    private Queues(Optional<SQSRestServer> server, URI endpoint) {
        this.server = server;
        this.endpoint = endpoint;
        this.sqs =
                SqsClient.builder()
                        .endpointOverride(endpoint)
                        .region(Region.of(Arn.REGION))
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create("local", "local")))
                        .httpClient(UrlConnectionHttpClient.create())
                        .build();
    }

    static Queues start() {
        var server =
                SQSRestServerBuilder.withInterface("127.0.0.1")
                        .withDynamicPort()
                        .withAWSAccountId(Arn.ACCOUNT)
                        .withAWSRegion(Arn.REGION)
                        .start();
        int port = server.waitUntilStarted().localAddress().getPort();
        return new Queues(Optional.of(server), URI.create("http://127.0.0.1:" + port));
    }

    /** The queues of a server that somebody else runs, in which {@link #create} makes none. */
    static Queues at(URI endpoint) {
        return new Queues(Optional.empty(), endpoint);
    }

    /**
     * Pekko uses sun.misc.Unsafe, of which the JVM warns once on the terminal. Only a JVM's command
     * line can turn that off, so it is made to believe that it has warned; where it does not know
     * the field it warns.
     */
    private static void takeTheWarningOfPekko() {
        try {
            var warned = Class.forName("sun.misc.Unsafe").getDeclaredField("memoryAccessWarned");
            warned.setAccessible(true);
            warned.setBoolean(null, true);
        } catch (ReflectiveOperationException | RuntimeException e) {
            // A warning more.
        }
    }

    /** What AWS_ENDPOINT_URL_SQS is to be. */
    URI endpoint() {
        return endpoint;
    }

    SqsClient sqs() {
        return sqs;
    }

    String url(String queue) {
        return sqs.getQueueUrl(request -> request.queueName(queue)).queueUrl();
    }

    /**
     * Makes the queues with exactly the template's attributes, those that receive dead letters
     * first.
     *
     * @throws LocalException naming a queue that a server of somebody else's has not
     */
    void create(List<Template.Queue> queues) {
        if (server.isEmpty()) {
            queues.forEach(queue -> requireExisting(queue.name()));
            return;
        }
        queues.stream()
                .sorted(
                        Comparator.comparing(
                                queue -> queue.properties().containsKey("RedrivePolicy")))
                .forEach(queue ->
                        sqs.createQueue(request ->
                                request.queueName(queue.name()).attributes(attributes(queue))));
    }

    private void requireExisting(String queue) {
        try {
            url(queue);
        } catch (QueueDoesNotExistException e) {
            throw new LocalException("%s has no queue %s.".formatted(endpoint, queue), e);
        }
    }

    /**
     * CloudFormation names the properties as SQS names its attributes; the rest (Tags) is no
     * attribute.
     */
    static Map<QueueAttributeName, String> attributes(Template.Queue queue) {
        var attributes = new HashMap<QueueAttributeName, String>();
        queue.properties()
                .forEach((name, value) ->
                        Optional.of(QueueAttributeName.fromValue(name))
                                .filter(a -> a != QueueAttributeName.UNKNOWN_TO_SDK_VERSION)
                                .ifPresent(a -> attributes.put(a, text(value))));
        return attributes;
    }

    private static String text(Object value) {
        return value instanceof Map<?, ?> ? JSON.valueToTree(value).toString() : value.toString();
    }

    @Override
    public void close() {
        sqs.close();
        server.ifPresent(SQSRestServer::stopAndWait);
    }
}
