package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The complete system on a server of its own, the processes that it runs, and the faults that hit
 * them.
 *
 * <p>The time to recover is measured from the moment in which a fault is over (a kill: at once; an
 * outage: when it ends; a freeze: when it begins, since nobody waits for the thaw) to the claim of
 * the process's next attempt, or to the end of the process where it needs no other attempt. Both
 * moments are of one machine's clock. A kill that meanwhile hits the next worker before its first
 * call prolongs it.
 */
final class FaultScenario implements AutoCloseable {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final String QUEUE = "MigrationQueue.fifo";

    private final String name;
    private final FaultFigures figures;
    private final FaultPostgres postgres;
    private final LocalSystem system;
    private final Optional<FaultNetwork> network;
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<FaultRun> runs = new ArrayList<>();
    private int faults;
    private Instant lastFault = Instant.now();

    private FaultScenario(Setting setting, FaultPostgres postgres, Optional<FaultNetwork> network) {
        this.name = setting.name;
        this.figures = setting.figures;
        this.postgres = postgres;
        this.network = network;
        int port = network.map(FaultNetwork::port).orElse(postgres.port());
        var variables = new HashMap<String, String>();
        variables.put("ALLOWED_DATABASES", "fault_*");
        variables.put("CREATE_BY_GLOB", "true");
        // Each kill counts as a failure of the process; here only the faults are to end it.
        variables.put("MAX_ATTEMPTS", "1000");
        variables.put("STACK_NAME", "faults");
        variables.putAll(setting.variables);
        system =
                LocalSystem.start(
                        new LocalOptions(
                                Main.home(),
                                0,
                                setting.migrations,
                                Optional.of(postgres.url(port)),
                                setting.functionTimeout,
                                OptionalInt.empty(),
                                new ApiAuth.None(),
                                variables,
                                false));
    }

    /** How a scenario is set up. */
    static final class Setting {
        private final String name;
        private final FaultFigures figures;
        private final Path migrations;
        private final Map<String, String> variables = new HashMap<>();
        private Optional<Duration> functionTimeout = Optional.empty();
        private boolean throughNetwork;

        /**
         * A scenario with the template's own values and nothing in between.
         *
         * @param stretch of {@link FaultMigrations}
         * @param folder where the migrations are written
         */
        Setting(String name, FaultFigures figures, double stretch, Path folder) throws IOException {
            this.name = name;
            this.figures = figures;
            this.migrations = folder;
            new FaultMigrations(folder, stretch).write();
        }

        Setting functionTimeout(Duration timeout) {
            functionTimeout = Optional.of(timeout);
            return this;
        }

        Setting variable(String variable, String value) {
            variables.put(variable, value);
            return this;
        }

        /** The functions reach the server through a {@link FaultNetwork}. */
        Setting throughNetwork() {
            throughNetwork = true;
            return this;
        }

        FaultScenario start() throws IOException, InterruptedException {
            var postgres = FaultPostgres.start();
            var network =
                    throughNetwork
                            ? Optional.of(new FaultNetwork(postgres.port()))
                            : Optional.<FaultNetwork>empty();
            try {
                return new FaultScenario(this, postgres, network);
            } catch (RuntimeException e) {
                postgres.close();
                throw e;
            }
        }
    }

    FaultPostgres postgres() {
        return postgres;
    }

    FaultNetwork network() {
        return network.orElseThrow();
    }

    LocalSystem system() {
        return system;
    }

    FaultWorkers workers() {
        return new FaultWorkers(system, postgres);
    }

    /** Asks for the migration of a new database. */
    FaultRun run() throws IOException, InterruptedException {
        var run = FaultRun.start(http, system.baseUrl(), "fault_" + DATABASES.incrementAndGet());
        runs.add(run);
        return run;
    }

    List<FaultRun> runs(int count) throws IOException, InterruptedException {
        var started = new ArrayList<FaultRun>();
        for (int i = 0; i < count; i++) {
            started.add(run());
        }
        return started;
    }

    /** A fault that hit these processes is over now. */
    void fault(List<FaultRun> hit) {
        faults++;
        hit.stream().filter(run -> !run.hasEnded()).forEach(FaultRun::hit);
        lastFault = Instant.now();
    }

    Instant lastFault() {
        return lastFault;
    }

    /** Sends the message of a process once more, in a group of its own. */
    void sendAgain(FaultRun run) {
        system.sqs()
                .sendMessage(message ->
                        message.queueUrl(system.queueUrl(QUEUE))
                                .messageBody("{\"processId\":\"%s\"}".formatted(run.id()))
                                .messageGroupId(UUID.randomUUID().toString())
                                .messageDeduplicationId(UUID.randomUUID().toString()));
    }

    /** Waits for what the scenario needs, for as long as a cold worker's death may take. */
    void until(String fact, Callable<Boolean> condition) throws Exception {
        var end = Instant.now().plusSeconds(150);
        while (!condition.call()) {
            if (Instant.now().isAfter(end)) {
                throw new AssertionError(
                        "%s: not within 150 s: %s; %s"
                                .formatted(name, fact, runs.stream().map(FaultRun::last).toList()));
            }
            Thread.sleep(20);
        }
    }

    /**
     * Waits for the end of every process, looks at what stands of it on the server, and notes the
     * figures.
     *
     * @param silence for how long a process may show nothing new after the last fault
     * @param limit for how long it may go on in all
     * @param schema what a run without faults leaves
     */
    void verify(Duration silence, Duration limit, String schema)
            throws IOException, InterruptedException {
        var checks = new FaultChecks(postgres, schema);
        for (FaultRun run : runs) {
            checks.check(run, run.ends(lastFault, silence, limit));
        }
        checks.checkServer();
        figures.add(name, checks.row(runs, faults, lastFault));
        assertEquals(List.of(), checks.findings(), name);
    }

    @Override
    public void close() throws IOException {
        runs.forEach(FaultRun::close);
        http.shutdownNow();
        system.close();
        if (network.isPresent()) {
            network.get().close();
        }
        postgres.close();
    }
}
