package dbmigrate.router;

import dbmigrate.database.SessionPriming;
import dbmigrate.database.SqlState;
import dbmigrate.log.Log;
import dbmigrate.process.Command;
import dbmigrate.process.Grants;
import dbmigrate.process.Identity;
import dbmigrate.process.ProcessConnection;
import dbmigrate.process.ProcessRowsException;
import dbmigrate.queue.MigrationQueue;
import dbmigrate.queue.QueueUnavailableException;
import dbmigrate.settings.Glob;
import dbmigrate.snapshot.BeforeSnapshot;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;

/**
 * Goes the way of the router's first request before Lambda takes its snapshot, and opens what it
 * needs after the restore.
 */
record RouterPriming(RouterSettings settings, ProcessConnection rows) {
    private static final String HEALTH =
            """
            {"rawPath": "/health", "requestContext": {"http": {"method": "GET"}}}
            """;

    /** Refused as a whole before anything is asked of the database. */
    private static final String REFUSED =
            """
            {"rawPath": "/db-migrate", "rawQueryString": "", "requestContext": {"http": {"method": "POST"}},
             "headers": {"content-type": "application/json", "idempotency-key": "key", "prefer": "wait=1"},
             "body": "{\\"target\\": \\"soon\\", \\"outOfOrder\\": false, \\"requestedBy\\": \\"nobody\\"}"}
            """;

    /** Its row is rolled back, as the queue refuses its message. */
    private static final String NOT_SENT =
            """
            {"rawPath": "/db-migrate", "rawQueryString": "", "requestContext": {"http": {"method": "POST"}},
             "headers": {"content-type": "application/json"}, "body": "{}"}
            """;

    private static final String NOBODYS =
            """
            {"rawPath": "/db-migrate/00000000-0000-0000-0000-000000000000", "rawQueryString": "",
             "requestContext": {"http": {"method": "GET"}}}
            """;

    private static final Caller ANYBODY =
            new Caller(
                    Identity.of("nobody"),
                    new Grants(
                            List.of(
                                    new Grants.Grant(
                                            EnumSet.allOf(Command.class), new Glob("*")))));

    /** Has it done. */
    void register() {
        BeforeSnapshot.run(
                List.of(
                        () -> MigrationQueue.prime(settings.queue(), settings.server().url()),
                        () -> SessionPriming.run(settings.server().url()),
                        this::requests,
                        settings.server().url().credentials()::forget),
                List.of(rows::openAhead));
    }

    private void requests() throws Exception {
        try (MigrationQueue refusing = MigrationQueue.refusing(settings.queue())) {
            BeforeSnapshot.often(() -> requests(refusing));
        }
    }

    private void requests(MigrationQueue refusing) throws IOException, SQLException {
        try (ProcessConnection once = ProcessConnection.asItIs(settings.server())) {
            Routes routes = Routes.of(settings, once, refusing, Clock.systemUTC());
            request(routes, HEALTH);
            request(routes, REFUSED);
            request(routes, NOT_SENT);
            request(routes, NOBODYS);
        } catch (ProcessRowsException e) {
            if (!SqlState.isSchemaBehind(e)) {
                throw e;
            }
            // The first request makes it.
        }
    }

    private static void request(Routes routes, String event) throws IOException, SQLException {
        ByteArrayInputStream input =
                new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8));
        HttpRequest request =
                HttpRequest.of(
                        HttpEvent.read(input), ANYBODY, Instant.now(), Duration.ofSeconds(30));
        try {
            routes.answer(request, new Log(Map.of())).toJson();
        } catch (ProblemException e) {
            e.problem().toResponse(request.requestId()).toJson();
        } catch (QueueUnavailableException e) {
            RouterHandler.problemOf(e).toResponse(request.requestId()).toJson();
        }
    }
}
