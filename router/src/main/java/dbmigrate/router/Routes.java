package dbmigrate.router;

import dbmigrate.log.Log;
import dbmigrate.process.AuditTrail;
import dbmigrate.process.Pause;
import dbmigrate.process.ProcessConnection;
import dbmigrate.process.ProcessIds;
import dbmigrate.process.ProcessList;
import dbmigrate.process.Processes;
import dbmigrate.process.Waits;
import dbmigrate.queue.MigrationQueue;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which path and method lead where. */
record Routes(
        StartMigration start,
        ListProcesses list,
        ShowProcess show,
        ShowEvents events,
        CancelProcess cancel) {
    private static final Pattern PROCESS = Pattern.compile("/db-migrate/([^/]+)");
    private static final Pattern EVENTS = Pattern.compile("/db-migrate/([^/]+)/events");
    private static final Pattern CANCEL = Pattern.compile("/db-migrate/([^/]+)/cancel");

    /** {@link UUID#fromString} takes shorter forms, too; those are nobody's id. */
    private static final Pattern UUID_TEXT =
            Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

    /** The routes to these rows and this queue. */
    static Routes of(
            RouterSettings settings, ProcessConnection rows, MigrationQueue queue, Clock clock) {
        String stack = settings.server().stackName();
        Processes processes = new Processes(rows, stack);
        ProcessIds ids = new ProcessIds(clock, new SecureRandom());
        Waiting waiting =
                new Waiting(
                        new Waits(rows, stack, settings.maxWaiters(), clock, Pause.of(clock)),
                        clock);
        return new Routes(
                new StartMigration(settings, processes, queue, ids, waiting),
                new ListProcesses(new ProcessList(rows, stack)),
                new ShowProcess(processes, queue, waiting),
                new ShowEvents(new AuditTrail(rows, stack)),
                new CancelProcess(processes));
    }

    /**
     * Answers a request.
     *
     * @throws ProblemException for everything but 200 and 202
     */
    HttpResponse answer(HttpRequest request, Log log) throws SQLException {
        if (request.path().equals("/health")) {
            require(request, "GET");
            return HttpResponse.json(
                    200,
                    json -> {
                        json.writeStartObject();
                        json.writeStringField("status", "ok");
                        json.writeEndObject();
                    });
        }
        if (request.path().equals("/db-migrate")) {
            require(request, "GET", "POST");
            return request.method().equals("GET")
                    ? list.answer(request)
                    : start.answer(request, log);
        }
        Matcher process = PROCESS.matcher(request.path());
        if (process.matches()) {
            require(request, "GET");
            return show.answer(processId(process.group(1)), request, log);
        }
        Matcher audited = EVENTS.matcher(request.path());
        if (audited.matches()) {
            require(request, "GET");
            return events.answer(processId(audited.group(1)), request.caller());
        }
        Matcher canceled = CANCEL.matcher(request.path());
        if (canceled.matches()) {
            require(request, "POST");
            return cancel.answer(processId(canceled.group(1)), request.caller(), log);
        }
        throw new ProblemException(
                Problem.notFound(
                        "there is POST and GET /db-migrate, GET /db-migrate/{processId},"
                                + " GET /db-migrate/{processId}/events,"
                                + " POST /db-migrate/{processId}/cancel, GET /health"));
    }

    private static void require(HttpRequest request, String... methods) {
        if (!List.of(methods).contains(request.method())) {
            throw new ProblemException(
                    Problem.methodNotAllowed(
                            request.method(), request.path(), String.join(", ", methods)));
        }
    }

    private static UUID processId(String text) {
        if (!UUID_TEXT.matcher(text).matches()) {
            throw new ProblemException(Problem.badRequest("the process id in the path is no UUID"));
        }
        return UUID.fromString(text);
    }
}
