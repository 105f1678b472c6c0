package dbmigrate.router;

import dbmigrate.database.DriverPriming;
import dbmigrate.database.RdsRoots;
import dbmigrate.log.Log;
import dbmigrate.process.ProcessConnection;
import dbmigrate.queue.MigrationQueue;
import dbmigrate.snapshot.BeforeSnapshot;
import dbmigrate.snapshot.TlsPriming;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** Loads what the router's first request needs, before Lambda takes its snapshot. */
record RouterPriming(RouterSettings settings, Routes routes, ProcessConnection rows) {
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

    /** Has it done. */
    void register() {
        BeforeSnapshot.run(
                () -> request(HEALTH),
                () -> request(REFUSED),
                () -> MigrationQueue.prime(settings.queue(), settings.server().url()),
                DriverPriming::run,
                TlsPriming::run,
                () -> RdsRoots.prime(settings.server().url()),
                rows::close);
    }

    private void request(String event) throws IOException, SQLException {
        ByteArrayInputStream input =
                new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8));
        HttpRequest request =
                HttpRequest.of(
                        HttpEvent.read(input),
                        Caller.NOBODY,
                        Instant.now(),
                        Duration.ofSeconds(30));
        try {
            routes.answer(request, new Log(Map.of())).toJson();
        } catch (ProblemException e) {
            e.problem().toResponse(request.requestId()).toJson();
        }
    }
}
