package dbmigrate.worker;

import dbmigrate.log.Log;
import dbmigrate.process.Claim;
import dbmigrate.process.Claims;
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
 * own zip. Without an argument it records a process of its own for the database of {@code
 * DATABASE_URL}; with a process id it runs that one. It needs the worker's environment, but no
 * queue.
 *
 * <p>Exit codes: 0 COMPLETED, 1 FAILED or CANCELED, 2 the process could not be run.
 */
public final class WorkerMain {
    private static final String IDENTITY = "worker-main";

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
        if (arguments.length > 1) {
            out.println("usage: java -cp '.:lib/*' dbmigrate.worker.WorkerMain [processId]");
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
            UUID id = arguments.length == 1 ? UUID.fromString(arguments[0]) : recorded(rows);
            Log log = new Log(Map.of("processId", id.toString()));
            while (true) {
                switch (new Claims(rows, settings.server().stackName()).claim(id)) {
                    case Claim.Claimed claimed -> {
                        Optional<Duration> pause = attempt(rows, claimed, log);
                        if (pause.isEmpty()) {
                            continue;
                        }
                        Thread.sleep(pause.get());
                    }
                    case Claim.Held(Duration remaining) -> {
                        log.info("another attempt is at work; waiting for its lease");
                        Thread.sleep(remaining);
                    }
                    case Claim.Finished(ProcessState state) -> {
                        out.println(id + " " + state);
                        return state == ProcessState.COMPLETED ? 0 : 1;
                    }
                    case Claim.Missing() -> {
                        out.println("there is no process " + id + " of this stack");
                        return 2;
                    }
                }
            }
        }
    }

    /** Empty when the process has ended, or is another attempt's: the next claim tells which. */
    private Optional<Duration> attempt(ProcessConnection rows, Claim.Claimed claimed, Log log)
            throws SQLException {
        Ending ending =
                new AttemptRun(
                                settings,
                                rows,
                                claimed,
                                () -> MigrationQueue.Change.DONE,
                                TimeLimit.none(),
                                log)
                        .run();
        log.info(ending.toString());
        return ending instanceof Ending.GivenBack(String _, Optional<?> _, Duration pause)
                ? Optional.of(pause)
                : Optional.empty();
    }

    private UUID recorded(ProcessConnection rows) throws SQLException {
        UUID id = new ProcessIds(Clock.systemUTC(), new SecureRandom()).get();
        MigrationRequest request =
                new MigrationRequest(
                        settings.server().url().database(),
                        Optional.empty(),
                        false,
                        Map.of(),
                        Optional.empty());
        new Processes(rows, settings.server().stackName())
                .record(new NewProcess(id, request, IDENTITY, Optional.empty()), () -> {});
        return id;
    }
}
