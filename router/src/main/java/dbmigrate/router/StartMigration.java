package dbmigrate.router;

import dbmigrate.log.Log;
import dbmigrate.process.MigrationProcess;
import dbmigrate.process.MigrationRequest;
import dbmigrate.process.NewProcess;
import dbmigrate.process.ProcessIds;
import dbmigrate.process.Processes;
import dbmigrate.process.Processes.Recording;
import dbmigrate.queue.MigrationQueue;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * {@code POST /db-migrate}: validate, record and enqueue, answer 202; 200 where the key stands for
 * a process already, or the process has ended before the caller would wait no longer.
 */
record StartMigration(
        RouterSettings settings,
        Processes processes,
        MigrationQueue queue,
        ProcessIds ids,
        Waiting waiting) {
    private static final Pattern KEY = Pattern.compile("[\\x20-\\x7e]{1,255}");

    /** {@code application/json} or a {@code +json} type, with parameters or without. */
    private static final Pattern JSON_TYPE =
            Pattern.compile("application/(json|[a-z0-9.-]+\\+json)\\s*(;.*)?");

    HttpResponse answer(HttpRequest request, Log log) throws SQLException {
        Optional<String> key = idempotencyKey(request);
        requireJson(request);
        MigrationRequest wanted =
                RequestBody.read(request.body(), settings.databases(), settings.placeholders());
        requireGrant(request.caller(), wanted);
        UUID id = ids.get();
        Recording recording =
                processes.record(
                        new NewProcess(id, wanted, request.caller().identity(), key),
                        () ->
                                queue.send(
                                        id,
                                        settings.server().url().withDatabase(wanted.database())));
        return switch (recording) {
            case Recording.Recorded(MigrationProcess process) -> {
                log.with("processId", id).info("process recorded");
                yield started(202, waiting.forEnd(process, request, log));
            }
            case Recording.KnownKey(MigrationProcess process) -> {
                requireSame(wanted, process);
                yield started(200, waiting.forEnd(process, request, log));
            }
            case Recording.KeyBusy() -> throw new ProblemException(Problem.keyBusy());
        };
    }

    private static void requireGrant(Caller caller, MigrationRequest wanted) {
        String command = wanted.command().text();
        if (!caller.grants().allow(command, wanted.database())) {
            throw new ProblemException(Problem.commandNotAllowed(command));
        }
    }

    private static void requireSame(MigrationRequest wanted, MigrationProcess process) {
        if (!process.fingerprint().equals(wanted.fingerprint())) {
            throw new ProblemException(Problem.keyReused());
        }
    }

    private static HttpResponse started(int unlessEnded, Waiting.Waited waited) {
        MigrationProcess process = waited.process();
        int status = process.state().ended() ? 200 : unlessEnded;
        return waited.mark(ShowProcess.response(status, process))
                .withHeader("location", ProcessJson.path(process));
    }

    private static Optional<String> idempotencyKey(HttpRequest request) {
        Optional<String> key = request.header("idempotency-key");
        if (key.isPresent() && !KEY.matcher(key.get()).matches()) {
            throw new ProblemException(
                    Problem.badRequest(
                            "the Idempotency-Key must have 1 to 255 printable characters"));
        }
        return key;
    }

    private static void requireJson(HttpRequest request) {
        Optional<String> type = request.header("content-type");
        if (!request.body().isEmpty()
                && type.isPresent()
                && !JSON_TYPE.matcher(type.get().strip().toLowerCase(Locale.ROOT)).matches()) {
            throw new ProblemException(Problem.unsupportedMediaType());
        }
    }
}
