package dbmigrate.router;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import dbmigrate.database.ConnectionFailure;
import dbmigrate.database.SessionPriming;
import dbmigrate.database.SessionRefusedException;
import dbmigrate.log.Log;
import dbmigrate.process.CommitUnknownException;
import dbmigrate.process.ProcessConnection;
import dbmigrate.process.ProcessRowsForbiddenException;
import dbmigrate.queue.MigrationQueue;
import dbmigrate.queue.QueueUnavailableException;
import dbmigrate.snapshot.SnapStart;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;

/** The router function: takes API Gateway's HTTP events and answers them. */
public final class RouterHandler implements RequestStreamHandler {
    private final Clock clock = Clock.systemUTC();
    private final Admission admission;
    private final Routes routes;

    /**
     * What Lambda calls.
     *
     * @throws dbmigrate.settings.InvalidEnvironmentException that names every missing or wrong
     *     variable
     */
    public RouterHandler() {
        this(RouterSettings.read(System.getenv()));
    }

    RouterHandler(RouterSettings settings) {
        SessionPriming.beside(settings.server().url());
        ProcessConnection rows = new ProcessConnection(settings.server());
        MigrationQueue queue = new MigrationQueue(settings.queue());
        this.admission = new Admission(settings.authorization(), settings.permissions());
        this.routes = Routes.of(settings, rows, queue, clock);
        if (SnapStart.isOn(System.getenv())) {
            new RouterPriming(settings, rows).register();
        }
    }

    @Override
    public void handleRequest(InputStream input, OutputStream output, Context context)
            throws IOException {
        Log log = Log.ofRequest(context.getAwsRequestId());
        RequestLine line = new RequestLine(log);
        HttpResponse response = answer(input, context, log, line);
        line.write(response);
        output.write(response.toJson().getBytes(StandardCharsets.UTF_8));
    }

    private HttpResponse answer(InputStream input, Context context, Log log, RequestLine line)
            throws IOException {
        Problem problem;
        try {
            APIGatewayV2HTTPEvent event = HttpEvent.read(input);
            line.asked(event);
            Duration remaining = Duration.ofMillis(context.getRemainingTimeInMillis());
            Caller caller = admission.admit(event);
            line.caller(caller);
            return routes.answer(HttpRequest.of(event, caller, clock.instant(), remaining), log);
        } catch (ProblemException e) {
            problem = e.problem();
        } catch (RuntimeException | SQLException e) {
            line.failed(e);
            problem = problemOf(e);
        }
        line.problem(problem);
        return problem.toResponse(context.getAwsRequestId());
    }

    /** What a caller reads of a failure that nobody expected. */
    static Problem problemOf(Exception failure) {
        return switch (failure) {
            case CommitUnknownException _ ->
                    Problem.unavailable(
                            ProblemCode.OUTCOME_UNKNOWN,
                            "the database's answer was lost: the process may be recorded or not; repeat"
                                    + " the request with the same Idempotency-Key, and it runs once");
            case QueueUnavailableException _ ->
                    Problem.unavailable(
                            ProblemCode.QUEUE_UNAVAILABLE,
                            "the queue cannot be had, and nothing will run; check MIGRATION_QUEUE_URL,"
                                    + " the function's policy and the route to SQS, or try again");
            case ProcessRowsForbiddenException forbidden ->
                    Problem.unavailable(ProblemCode.DATABASE_FORBIDDEN, forbidden.advice());
            case SQLException sql -> databaseUnavailable(sql);
            default -> Problem.internal();
        };
    }

    private static Problem databaseUnavailable(SQLException failure) {
        ConnectionFailure kind =
                ConnectionFailure.of(failure).orElse(ConnectionFailure.DATABASE_UNAVAILABLE);
        String detail =
                SessionRefusedException.in(failure)
                        .map(refused -> refused.getMessage() + ". Nothing will run")
                        .orElseGet(() ->
                                "%s (SQLSTATE %s), and nothing will run. %s"
                                        .formatted(
                                                kind.title(),
                                                failure.getSQLState(),
                                                kind.action()));
        return Problem.unavailable(ProblemCode.of(kind), detail);
    }
}
