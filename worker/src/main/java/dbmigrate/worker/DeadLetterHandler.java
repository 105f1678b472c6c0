package dbmigrate.worker;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse.BatchItemFailure;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import dbmigrate.log.Log;
import dbmigrate.process.Abandoned;
import dbmigrate.process.EndedProcess;
import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import dbmigrate.process.ProcessConnection;
import dbmigrate.queue.ProcessMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes the messages that the queue has given up, and makes their processes FAILED, so that whoever
 * polls one gets an answer. A process that an attempt is at work on stays as it is; its message
 * comes back later.
 */
public final class DeadLetterHandler implements RequestStreamHandler {
    private final WorkerSettings settings;

    /**
     * What Lambda calls.
     *
     * @throws dbmigrate.settings.InvalidEnvironmentException that names every missing or wrong
     *     variable
     */
    public DeadLetterHandler() {
        this.settings = WorkerSettings.withoutQueue(System.getenv());
    }

    @Override
    public void handleRequest(InputStream input, OutputStream output, Context context)
            throws IOException {
        List<BatchItemFailure> comingBack = new ArrayList<>();
        for (SQSMessage message : QueueEvent.read(input).getRecords()) {
            Log log =
                    Log.ofRequest(context.getAwsRequestId())
                            .with("messageId", message.getMessageId());
            if (!isDone(message, log)) {
                comingBack.add(new BatchItemFailure(message.getMessageId()));
            }
        }
        output.write(
                QueueEvent.write(new SQSBatchResponse(comingBack))
                        .getBytes(StandardCharsets.UTF_8));
    }

    private boolean isDone(SQSMessage message, Log log) {
        Optional<ProcessMessage> content = ProcessMessage.parse(message.getBody());
        if (content.isEmpty()) {
            log.warn("the dead letter names no process: nobody of ours wrote it; it is dropped");
            return true;
        }
        Log processLog = log.with("processId", content.get().processId());
        try (ProcessConnection rows = new ProcessConnection(settings.server())) {
            Failure failure =
                    Failure.of(
                            FailureCode.DEAD_LETTER,
                            "no worker could run the process; look for its id in the worker's log");
            Abandoned.Outcome outcome =
                    new Abandoned(rows, settings.server().stackName())
                            .fail(content.get().processId(), failure);
            return switch (outcome) {
                case Abandoned.Outcome.Failed(EndedProcess ended) -> {
                    processLog.with("state", ended.state()).warn("dead letter: process ended");
                    processLog.metrics(ended.metrics(settings.server().stackName()));
                    yield true;
                }
                case Abandoned.Outcome.NothingToDo() -> {
                    processLog.info("dead letter: nothing to do");
                    yield true;
                }
                case Abandoned.Outcome.AtWork() -> {
                    processLog.info("dead letter: an attempt is at work; it comes back");
                    yield false;
                }
            };
        } catch (SQLException | RuntimeException e) {
            processLog.error("the row could not be written; the dead letter comes back", e);
            return false;
        }
    }
}
