package dbmigrate.worker;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse.BatchItemFailure;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import dbmigrate.database.SessionPriming;
import dbmigrate.log.Log;
import dbmigrate.queue.MigrationQueue;
import dbmigrate.snapshot.SnapStart;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * The worker function: takes the queue's messages, one after the other, and says which come back.
 */
public final class WorkerHandler implements RequestStreamHandler {
    private final WorkerSettings settings;
    private final MigrationQueue queue;

    /**
     * What Lambda calls.
     *
     * @throws dbmigrate.settings.InvalidEnvironmentException that names every missing or wrong
     *     variable
     */
    public WorkerHandler() {
        this.settings = WorkerSettings.read(System.getenv());
        SessionPriming.beside(settings.server().url());
        this.queue = new MigrationQueue(settings.queue().orElseThrow());
        if (SnapStart.isOn(System.getenv())) {
            new WorkerPriming(settings, settings.queue().orElseThrow()).register();
        }
    }

    @Override
    public void handleRequest(InputStream input, OutputStream output, Context context)
            throws IOException {
        List<BatchItemFailure> comingBack = new ArrayList<>();
        for (SQSMessage message : QueueEvent.read(input).getRecords()) {
            ReceivedMessage received = new ReceivedMessage(message, queue);
            Log log = Log.ofRequest(context.getAwsRequestId());
            MessageRun run =
                    new MessageRun(
                            settings,
                            received,
                            context::getRemainingTimeInMillis,
                            Clock.systemUTC(),
                            log);
            if (!run.isDone()) {
                comingBack.add(new BatchItemFailure(received.id()));
            }
        }
        output.write(
                QueueEvent.write(new SQSBatchResponse(comingBack))
                        .getBytes(StandardCharsets.UTF_8));
    }
}
