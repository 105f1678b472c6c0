package dbmigrate.local.handler;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.UUID;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;

/**
 * What a router cannot do without, and nothing else: one connection, two statements, one
 * SendMessage.
 */
public final class RouterControl implements RequestStreamHandler {
    @Override
    public void handleRequest(InputStream event, OutputStream answer, Context context)
            throws IOException {
        try (var connection = DriverManager.getConnection(System.getenv("JDBC_URL"));
                var statement = connection.createStatement()) {
            statement.execute("select 1");
            try (var sqs = Sqs.client()) {
                String id = UUID.randomUUID().toString();
                sqs.sendMessage(
                        SendMessageRequest.builder()
                                .queueUrl(System.getenv("MIGRATION_QUEUE_URL"))
                                .messageBody(id)
                                .messageGroupId(id)
                                .messageDeduplicationId(id)
                                .build());
            }
            statement.execute("select 2");
        } catch (SQLException e) {
            throw new IOException(e);
        }
        answer.write('0');
    }
}
