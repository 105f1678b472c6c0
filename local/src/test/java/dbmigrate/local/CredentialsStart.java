package dbmigrate.local;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The packaged custom resource, and what takes its answers in place of S3, without TLS. */
final class CredentialsStart implements AutoCloseable {
    private static final String STACK =
            "arn:aws:cloudformation:eu-west-1:123456789012:stack/b/guid";

    final HostedFunction function;
    private final HttpServer s3;

    CredentialsStart(Path workspace, RuntimeClient client) throws IOException {
        s3 = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        s3.createContext("/", CredentialsStart::take);
        var described =
                new Template.Function(
                        "CredentialsFunction",
                        "dbmigrate.credentials.CredentialsHandler::handleRequest",
                        "credentials/target/credentials.zip",
                        Duration.ofMinutes(5),
                        512,
                        Map.of("STACK_ID", STACK, "CREDENTIALS_RESPONSE_HOSTS", host()),
                        Set.of(),
                        Optional.empty());
        Path zip = Main.home().resolve(described.codeUri());
        Path root = Zip.unpack(zip, workspace.resolve("credentials"));
        function = HostedFunction.of(described, root, client, Map.of());
        s3.start();
    }

    private String host() {
        return "127.0.0.1:" + s3.getAddress().getPort();
    }

    /** A function whose answer is not taken fails. */
    private static void take(HttpExchange exchange) throws IOException {
        byte[] answer = exchange.getRequestBody().readAllBytes();
        boolean isSuccess = Report.JSON.readTree(answer).path("Status").asText().equals("SUCCESS");
        exchange.sendResponseHeaders(isSuccess ? 200 : 403, -1);
        exchange.close();
    }

    /** Deletes what was never made, for which neither AWS nor a database is asked. */
    byte[] event() {
        return """
        {"RequestType": "Delete", "ResponseURL": "http://%s/answer", "StackId": "%s",
         "RequestId": "request", "LogicalResourceId": "DatabaseCredentials"}
        """
                .formatted(host(), STACK)
                .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        s3.stop(0);
    }
}
