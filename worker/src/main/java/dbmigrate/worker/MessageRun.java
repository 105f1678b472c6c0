package dbmigrate.worker;

import dbmigrate.log.Log;
import dbmigrate.process.Claim;
import dbmigrate.process.Claims;
import dbmigrate.process.Failure;
import dbmigrate.process.ProcessConnection;
import dbmigrate.process.ProcessRowsForbiddenException;
import dbmigrate.process.ProcessState;
import dbmigrate.queue.MigrationQueue;
import dbmigrate.queue.ProcessMessage;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.IntSupplier;

/**
 * What becomes of one message: its process is claimed and run, or the message waits, or it is done.
 */
record MessageRun(
        WorkerSettings settings,
        ReceivedMessage message,
        IntSupplier remainingMillis,
        Clock clock,
        Log log) {
    /** The router sends before it commits: a row that is not there yet comes within this time. */
    private static final Duration ROW_MAY_COME = Duration.ofSeconds(60);

    private static final int LOOKS = 4;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);
    private static final Duration LATER = Duration.ofSeconds(1);

    /** Whether the message is done with; else it comes back. */
    boolean isDone() {
        Optional<ProcessMessage> content = message.content();
        if (content.isEmpty()) {
            log.with("messageId", message.id())
                    .warn("the message names no process: nobody of ours wrote it; it is dropped");
            return true;
        }
        UUID id = content.get().processId();
        Log processLog = log.with("processId", id);
        try (ProcessConnection rows = new ProcessConnection(settings.server())) {
            rows.openAhead();
            // The first that is done about it: a worker that dies from here on has it back in 30 s.
            if (message.keep() == MigrationQueue.Change.LOST) {
                processLog.warn("the message was another worker's already");
                return false;
            }
            return isDone(rows, id, processLog.forLibraries());
        } catch (SQLException | ProcessRowsForbiddenException e) {
            processLog.error("the rows of the processes cannot be used; the message comes back", e);
            return comesBack(Retries.pause(message.receives() - 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return comesBack(LATER);
        }
    }

    private boolean isDone(ProcessConnection rows, UUID id, Log log)
            throws SQLException, InterruptedException {
        log.with("messageId", message.id())
                .with("receives", message.receives())
                .info("message received");
        return switch (claim(new Claims(rows, settings.server().stackName()), id)) {
            case Claim.Claimed claimed -> isDone(rows, claimed, log);
            case Claim.Finished(ProcessState state) -> {
                log.with("state", state).info("the process has ended already");
                yield true;
            }
            case Claim.Held(Duration remaining) -> {
                log.info("another attempt is at work; the message comes back when its lease ends");
                yield comesBack(remaining);
            }
            case Claim.Missing() -> isGivenUp(log);
        };
    }

    private Claim claim(Claims claims, UUID id) throws SQLException, InterruptedException {
        Claim claim = claims.claim(id);
        for (int look = 1; look < LOOKS && claim instanceof Claim.Missing; look++) {
            Thread.sleep(BETWEEN_LOOKS);
            claim = claims.claim(id);
        }
        return claim;
    }

    private boolean isDone(ProcessConnection rows, Claim.Claimed claimed, Log log)
            throws SQLException {
        Log attemptLog = log.with("attempt", claimed.attempt().number());
        attemptLog.with("failures", claimed.failures()).info("process claimed");
        Ending ending =
                new AttemptRun(
                                settings,
                                rows,
                                claimed,
                                message::keep,
                                TimeLimit.of(remainingMillis),
                                attemptLog)
                        .run();
        return switch (ending) {
            case Ending.Completed _, Ending.Answered _, Ending.Canceled _, Ending.Failed _ -> true;
            case Ending.GivenBack(String _, Optional<Failure> _, Duration pause) ->
                    comesBack(pause);
            case Ending.Superseded() -> false;
        };
    }

    private boolean isGivenUp(Log log) {
        if (message.age(clock).compareTo(ROW_MAY_COME) < 0) {
            return comesBack(LATER);
        }
        log.warn(
                "there is no such process a minute after its message was sent; the message is dropped");
        return true;
    }

    private boolean comesBack(Duration pause) {
        message.giveBack(pause);
        return false;
    }
}
