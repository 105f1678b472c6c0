package dbmigrate.worker;

import dbmigrate.log.Log;
import dbmigrate.process.Claim;
import dbmigrate.process.Claims;
import dbmigrate.process.Command;
import dbmigrate.process.Identity;
import dbmigrate.process.MigrationRequest;
import dbmigrate.process.NewProcess;
import dbmigrate.process.ProcessConnection;
import dbmigrate.process.ProcessIds;
import dbmigrate.process.ProcessState;
import dbmigrate.process.Processes;
import dbmigrate.queue.MigrationQueue;
import dbmigrate.settings.InvalidEnvironmentException;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Runs one process without a time limit, outside Lambda: on Fargate, for example, from the worker's
 * own zip. It needs the worker's environment, but no queue.
 *
 * <ul>
 *   <li>Without an argument it records a process of its own for the database of {@code
 *       DATABASE_URL}.
 *   <li>With a process id it runs that one.
 *   <li>With {@code again} and the id of a process that has ended it records one that asks for the
 *       same, and runs it: what Lambda had no time for.
 * </ul>
 *
 * <p>Exit codes: 0 COMPLETED, 1 FAILED or CANCELED, 2 the process could not be run.
 */
public final class WorkerMain {
    private static final Identity IDENTITY = Identity.of("worker-main");
    private static final String AGAIN = "again";

    /** A server that restarts or fails over is back by then: about five minutes. */
    private static final int PATIENCE = 12;

    private final WorkerSettings settings;
    private final PrintStream out;

    private WorkerMain(WorkerSettings settings, PrintStream out) {
        this.settings = settings;
        this.out = out;
    }

    /** Runs the process that the one argument names, or a new one. */
    public static void main(String[] arguments) {
        System.exit(run(arguments, System.getenv(), System.out));
    }

    /** As {@link #main}, and returns the exit code. */
    static int run(String[] arguments, Map<String, String> variables, PrintStream out) {
        boolean again = arguments.length == 2 && arguments[0].equals(AGAIN);
        if (arguments.length > 1 && !again) {
            out.println(
                    "usage: java -cp '.:lib/*' dbmigrate.worker.WorkerMain [[again] processId]");
            return 2;
        }
        try {
            WorkerMain main = new WorkerMain(WorkerSettings.withoutQueue(variables), out);
            return main.run(arguments);
        } catch (InvalidEnvironmentException | IllegalArgumentException e) {
            out.println(e.getMessage());
            return 2;
        } catch (SQLException | RuntimeException e) {
            new Log(Map.of()).error("the process could not be run", e);
            return 2;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 2;
        }
    }

    private int run(String[] arguments) throws SQLException, InterruptedException {
        try (ProcessConnection rows = new ProcessConnection(settings.server())) {
            Processes processes = new Processes(rows, settings.server().stackName());
            Optional<UUID> named =
                    arguments.length == 0
                            ? Optional.empty()
                            : Optional.of(UUID.fromString(arguments[arguments.length - 1]));
            Optional<UUID> id =
                    arguments.length == 1 ? named : recorded(processes, request(processes, named));
            if (id.isEmpty()) {
                return unknown(named.orElseThrow());
            }
            Log log = new Log(Map.of("processId", id.get().toString())).forLibraries();
            for (int lost = 0; ; ) {
                try {
                    Optional<Integer> exit = step(rows, id.get(), log);
                    if (exit.isPresent()) {
                        return exit.get();
                    }
                    lost = 0;
                } catch (SQLException e) {
                    if (++lost > PATIENCE) {
                        throw e;
                    }
                    log.warn("the rows of the processes cannot be used; they are tried again", e);
                    Thread.sleep(Retries.pause(lost));
                }
            }
        }
    }

    /** One claim and what follows from it; empty while the process has not ended. */
    private Optional<Integer> step(ProcessConnection rows, UUID id, Log log)
            throws SQLException, InterruptedException {
        return switch (new Claims(rows, settings.server().stackName()).claim(id)) {
            case Claim.Claimed claimed -> {
                Optional<Duration> pause = attempt(rows, claimed, log);
                if (pause.isPresent()) {
                    Thread.sleep(pause.get());
                }
                yield Optional.empty();
            }
            case Claim.Held(Duration remaining) -> {
                log.info("another attempt is at work; waiting for its lease");
                Thread.sleep(remaining);
                yield Optional.empty();
            }
            case Claim.Finished(ProcessState state) -> {
                out.println(id + " " + state);
                yield Optional.of(state == ProcessState.COMPLETED ? 0 : 1);
            }
            case Claim.Missing() -> Optional.of(unknown(id));
        };
    }

    private int unknown(UUID id) {
        out.println("there is no process " + id + " of this stack");
        return 2;
    }

    /** Empty when the process has ended, or is another attempt's: the next claim tells which. */
    private Optional<Duration> attempt(ProcessConnection rows, Claim.Claimed claimed, Log log)
            throws SQLException {
        Log attemptLog = log.with("attempt", claimed.attempt().number());
        attemptLog.with("failures", claimed.failures()).info("process claimed");
        Ending ending =
                new AttemptRun(
                                settings,
                                rows,
                                claimed,
                                () -> MigrationQueue.Change.DONE,
                                TimeLimit.none(),
                                attemptLog)
                        .run();
        return ending instanceof Ending.GivenBack(String _, Optional<?> _, Duration pause)
                ? Optional.of(pause)
                : Optional.empty();
    }

    /** The request of the process that is to be run again, else one for the URL's database. */
    private Optional<MigrationRequest> request(Processes processes, Optional<UUID> named)
            throws SQLException {
        return named.isPresent()
                ? processes.request(named.get()).map(WorkerMain::known)
                : Optional.of(
                        new MigrationRequest(
                                settings.server().url().database(),
                                Optional.empty(),
                                false,
                                Map.of(),
                                Optional.empty()));
    }

    private static MigrationRequest known(MigrationRequest request) {
        if (request.command() == Command.UNKNOWN) {
            throw new IllegalArgumentException(
                    "that process asks for what this worker cannot do: it is older than the router");
        }
        return request;
    }

    private static Optional<UUID> recorded(Processes processes, Optional<MigrationRequest> request)
            throws SQLException {
        if (request.isEmpty()) {
            return Optional.empty();
        }
        UUID id = new ProcessIds(Clock.systemUTC(), new SecureRandom()).get();
        NewProcess process = new NewProcess(id, request.get(), IDENTITY, Optional.empty());
        // Nothing is sent: no other worker is to take it.
        processes.record(process, () -> {});
        return Optional.of(id);
    }
}
