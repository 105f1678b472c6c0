package dbmigrate.aws;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MalformedURLException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

class UrlConnectionsTest {
    /** As the JDK's own, where another thread closes it just before. */
    private static final class ClosedWhileInUse extends HttpURLConnection {
        ClosedWhileInUse(URI uri) throws MalformedURLException {
            super(uri.toURL());
        }

        @Override
        public OutputStream getOutputStream() {
            throw new NullPointerException("\"this.http\" is null");
        }

        @Override
        public void connect() {}

        @Override
        public void disconnect() {}

        @Override
        public boolean usingProxy() {
            return false;
        }
    }

    @Test
    void callIsTriedAgainWhereItsConnectionWasClosedWhileInUse() throws IOException {
        var server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        server.start();
        var queue = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        var connections = new AtomicInteger();
        var client =
                new UrlConnections(
                        UrlConnectionHttpClient.create(
                                uri -> connection(uri, connections.incrementAndGet())));
        try (var sqs =
                SqsClient.builder()
                        .region(Region.EU_CENTRAL_1)
                        .endpointOverride(queue)
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create("nobody", "nothing")))
                        .httpClient(client)
                        .build()) {
            sqs.changeMessageVisibility(change ->
                    change.queueUrl(queue + "/queue").receiptHandle("any").visibilityTimeout(1));
        } finally {
            server.stop(0);
        }
        assertEquals(2, connections.get());
    }

    private static HttpURLConnection connection(URI uri, int number) {
        try {
            return number == 1
                    ? new ClosedWhileInUse(uri)
                    : (HttpURLConnection) uri.toURL().openConnection();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
