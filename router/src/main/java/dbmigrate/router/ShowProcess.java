package dbmigrate.router;

import dbmigrate.log.Log;
import dbmigrate.process.MigrationProcess;
import dbmigrate.process.Processes;
import dbmigrate.queue.MigrationQueue;
import dbmigrate.queue.QueueUnavailableException;
import java.sql.SQLException;
import java.util.UUID;

/**
 * {@code GET /db-migrate/{processId}}: what the row says. Whoever asks for a process that has been
 * silent for a minute also sends its message again, so that none is lost for good.
 */
record ShowProcess(Processes processes, MigrationQueue queue, Waiting waiting) {
    /** In seconds: a reader who polls that often sees each migration of a usual set. */
    private static final String RETRY_AFTER = "1";

    HttpResponse answer(UUID id, HttpRequest request, Log log) throws SQLException {
        MigrationProcess process =
                processes
                        .find(id, request.caller().grants())
                        .orElseThrow(() -> new ProblemException(Problem.unknownProcess()));
        if (process.stale()) {
            revive(process, log.with("processId", id));
        }
        Waiting.Waited waited = waiting.forEnd(process, request, log);
        return waited.mark(response(200, waited.process()));
    }

    /** A process as an answer. */
    static HttpResponse response(int status, MigrationProcess process) {
        HttpResponse response = HttpResponse.json(status, ProcessJson.whole(process));
        return process.state().ended() ? response : response.withHeader("retry-after", RETRY_AFTER);
    }

    /** The reader gets what the row says also where the message cannot be sent. */
    private void revive(MigrationProcess process, Log log) throws SQLException {
        try {
            if (processes.sendAgain(process.id(), time -> queue.sendAgain(process.id(), time))) {
                log.warn("the process was silent for a minute; its message was sent again");
            }
        } catch (QueueUnavailableException e) {
            log.warn(
                    "the process was silent for a minute, and its message could not be sent again",
                    e);
        }
    }
}
