package dbmigrate.worker;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import dbmigrate.database.DriverPriming;
import dbmigrate.database.RdsRoots;
import dbmigrate.process.MigrationRequest;
import dbmigrate.queue.MigrationQueue;
import dbmigrate.queue.ProcessMessage;
import dbmigrate.settings.QueueSettings;
import dbmigrate.snapshot.BeforeSnapshot;
import dbmigrate.snapshot.TlsPriming;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Loads what the worker's first message needs, before Lambda takes its snapshot. */
record WorkerPriming(WorkerSettings settings, QueueSettings queue) {
    private static final String EVENT =
            """
            {"Records": [{"messageId": "1", "receiptHandle": "1", "body": "nobody's", "attributes": {}}]}
            """;

    /** Has it done. */
    void register() {
        BeforeSnapshot.run(
                WorkerPriming::message,
                () -> MigrationQueue.prime(queue, settings.server().url()),
                DriverPriming::run,
                TlsPriming::run,
                () -> RdsRoots.prime(settings.server().url()),
                this::flyway);
    }

    private static void message() throws IOException {
        ByteArrayInputStream input =
                new ByteArrayInputStream(EVENT.getBytes(StandardCharsets.UTF_8));
        QueueEvent.read(input).getRecords().forEach(m -> ProcessMessage.parse(m.getBody()));
        QueueEvent.write(new SQSBatchResponse(List.of()));
    }

    /** Flyway looks for its plug-ins, which is most of what it loads before it has a session. */
    private void flyway() {
        new FlywayConfiguration(
                        settings,
                        new MigrationRequest(
                                settings.server().url().database(),
                                Optional.empty(),
                                false,
                                Map.of(),
                                Optional.empty()))
                .read();
    }
}
