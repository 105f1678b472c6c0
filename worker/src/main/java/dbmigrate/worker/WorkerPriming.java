package dbmigrate.worker;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import dbmigrate.database.SessionPriming;
import dbmigrate.database.SqlState;
import dbmigrate.process.Attempt;
import dbmigrate.process.Attempts;
import dbmigrate.process.Claim;
import dbmigrate.process.Claims;
import dbmigrate.process.Command;
import dbmigrate.process.MigrationRequest;
import dbmigrate.process.ProcessConnection;
import dbmigrate.process.ProcessRowsException;
import dbmigrate.queue.MigrationQueue;
import dbmigrate.queue.ProcessMessage;
import dbmigrate.settings.QueueSettings;
import dbmigrate.snapshot.BeforeSnapshot;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Goes the way of the worker's first message before Lambda takes its snapshot: as far as it changes
 * nothing. No session is opened with the database that is migrated; the maintenance database lends
 * one that cannot write.
 */
record WorkerPriming(WorkerSettings settings, QueueSettings queue) {
    private static final String EVENT =
            """
            {"Records": [{"messageId": "1", "receiptHandle": "1", "body": "nobody's", "attributes": {}}]}
            """;

    private static final Attempt NOBODYS = new Attempt(new UUID(0, 0), 0);

    /** Has it done. */
    void register() {
        BeforeSnapshot.run(
                () -> MigrationQueue.prime(queue, settings.server().url()),
                () -> SessionPriming.run(settings.server().url()),
                this::flyway,
                this::messages,
                settings.server().url().credentials()::forget);
    }

    /** Flyway looks for its plug-ins, which is most of what it loads before it has a session. */
    private void flyway() {
        new FlywayConfiguration(settings, request(Command.MIGRATE)).read();
    }

    private void messages() throws Exception {
        try (MigrationQueue refusing = MigrationQueue.refusing(queue)) {
            BeforeSnapshot.often(() -> message(refusing));
        }
    }

    private void message(MigrationQueue refusing) throws IOException, SQLException {
        ByteArrayInputStream input =
                new ByteArrayInputStream(EVENT.getBytes(StandardCharsets.UTF_8));
        QueueEvent.read(input).getRecords().forEach(m -> ProcessMessage.parse(m.getBody()));
        refusing.hide("nothing", Duration.ZERO);
        try (ProcessConnection rows = ProcessConnection.asItIs(settings.server())) {
            process(rows);
        } catch (ProcessRowsException e) {
            if (!SqlState.isSchemaBehind(e)) {
                throw e;
            }
            // The first request makes it.
        }
        QueueEvent.write(new SQSBatchResponse(List.of()));
    }

    /** There is none of this id, so that no row is claimed or written. */
    private void process(ProcessConnection rows) throws SQLException {
        String database = settings.server().url().database();
        Attempts attempts = new Attempts(rows);
        new Claims(rows, settings.server().stackName()).claim(NOBODYS.processId());
        try (Connection lent = new TargetDatabase(settings, database).maintenance()) {
            attempts.opened(NOBODYS, TargetDatabase.backend(lent));
            AppliedHistory.read(lent);
            new CommandRun(
                            settings,
                            claimed(),
                            attempts,
                            new AttemptGuard(Optional::empty, TimeLimit.none()))
                    .onNoDatabase(lent);
            attempts.complete(NOBODYS, Optional.empty());
        }
    }

    private Claim.Claimed claimed() {
        return new Claim.Claimed(
                NOBODYS,
                Command.INFO.text(),
                request(Command.INFO),
                0,
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty());
    }

    private MigrationRequest request(Command command) {
        return new MigrationRequest(
                command,
                settings.server().url().database(),
                Optional.empty(),
                false,
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
