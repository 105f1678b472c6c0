package dbmigrate.router;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import dbmigrate.log.Log;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The one line of the log that each request has. It holds the route in place of the path, and
 * nothing of query string, headers and body: whatever a caller writes there may be a secret.
 */
final class RequestLine {
    private static final Pattern PROCESS =
            Pattern.compile("/db-migrate/(?<id>[0-9a-fA-F-]{36})(?<below>/cancel|/events)?");

    private final long begun = System.nanoTime();
    private Log log;

    RequestLine(Log log) {
        this.log = log;
    }

    /** Notes what was asked for, as soon as that is known. */
    void asked(APIGatewayV2HTTPEvent event) {
        String path = HttpRequest.path(event);
        log = log.with("method", event.getRequestContext().getHttp().getMethod());
        Matcher process = PROCESS.matcher(path);
        if (process.matches()) {
            String below = Optional.ofNullable(process.group("below")).orElse("");
            log =
                    log.with("route", "/db-migrate/{processId}" + below)
                            .with("processId", process.group("id"));
        } else {
            log = log.with("route", isFixed(path) ? path : "none");
        }
    }

    /** Notes who asks. */
    void caller(Caller caller) {
        log = log.with("identity", caller.identity().text());
    }

    /** Notes what was wrong; with somebody who was turned away, why. */
    void problem(Problem problem) {
        log = log.with("code", problem.code().name());
        if (problem.status() == 401 || problem.status() == 403) {
            log = log.with("refused", problem.detail());
        }
    }

    /** Writes the cause of what is no caller's mistake, in a line of its own. */
    void failed(Exception cause) {
        log.error("the request failed", cause);
    }

    /** Writes the line. */
    void write(HttpResponse response) {
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        withProcess(response)
                .with("status", response.status())
                .with("durationMs", took.toMillis())
                .info("request");
    }

    /** The process that the answer leads to, where the path named none. */
    private Log withProcess(HttpResponse response) {
        Optional<String> location = Optional.ofNullable(response.headers().get("location"));
        return location.map(PROCESS::matcher)
                .filter(Matcher::matches)
                .map(process -> log.with("processId", UUID.fromString(process.group("id"))))
                .orElse(log);
    }

    private static boolean isFixed(String path) {
        return path.equals("/db-migrate") || path.equals("/health");
    }
}
