package dbmigrate.local.handler;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.flywaydb.core.Flyway;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityRequest;

/**
 * What a worker cannot do without, and nothing else: one connection for the row, one for the
 * heartbeat, one ChangeMessageVisibility, and plain Flyway with its own settings.
 *
 * <p>Its event is the database's name and, behind a space, the message's receipt handle. Without
 * one it is Flyway alone.
 */
public final class WorkerControl implements RequestStreamHandler {
    @Override
    public void handleRequest(InputStream event, OutputStream answer, Context context)
            throws IOException {
        String[] parts =
                new String(event.readAllBytes(), StandardCharsets.UTF_8).strip().split(" ");
        if (parts.length == 1) {
            migrate(parts[0]);
        } else {
            migrate(parts[0], parts[1]);
        }
        answer.write('0');
    }

    private static void migrate(String database, String receiptHandle) throws IOException {
        String rows = System.getenv("JDBC_URL");
        try (var sqs = Sqs.client();
                var _ = DriverManager.getConnection(rows);
                var _ = DriverManager.getConnection(rows)) {
            sqs.changeMessageVisibility(
                    ChangeMessageVisibilityRequest.builder()
                            .queueUrl(System.getenv("MIGRATION_QUEUE_URL"))
                            .receiptHandle(receiptHandle)
                            .visibilityTimeout(30)
                            .build());
            migrate(database);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    private static void migrate(String database) {
        String url =
                System.getenv("JDBC_URL").replace("/postgres?", "/".concat(database).concat("?"));
        Flyway.configure()
                .dataSource(url, null, null)
                .locations("filesystem:".concat(System.getenv("MIGRATIONS")))
                .load()
                .migrate();
    }
}
