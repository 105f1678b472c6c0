package dbmigrate.local;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Whatever dies, every process ends, and each migration is applied once.
 *
 * <p>The packaged functions run against a queue with the template's own attributes and a PostgreSQL
 * of each scenario's own. {@code mvn verify -Pfaults} runs the short form; {@code
 * -Dfaults.kills=300} the long one; {@code -Dfaults.seed=} repeats the random moments of a run.
 */
@Tag("faults")
@TestMethodOrder(OrderAnnotation.class)
@Execution(ExecutionMode.CONCURRENT)
class FaultSuiteTest {
    private static final int KILLS = Integer.getInteger("faults.kills", 30);
    private static final long SEED = Long.getLong("faults.seed", System.nanoTime());
    private static final int AT_ONCE = 8;

    /** How long a process may show nothing new after the last fault. */
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** The same where a worker died before its first call: a reader sends its message again. */
    private static final Duration COLD_LIMIT = Duration.ofSeconds(120);

    private static final FaultFigures FIGURES = new FaultFigures();
    private static String schema;

    /** How long a run takes on this machine, today, that nothing hits. */
    private static Duration undisturbed = Duration.ZERO;

    @TempDir(cleanup = CleanupMode.ALWAYS)
    Path folder;

    @BeforeAll
    static void runWithoutFaults(@TempDir Path reference) throws Exception {
        if (!FaultPostgres.isInstalled()) {
            System.out.println(FaultPostgres.missing());
        }
        assumeTrue(FaultPostgres.isInstalled(), FaultPostgres::missing);
        System.out.printf("fault suite: -Dfaults.kills=%d -Dfaults.seed=%d%n", KILLS, SEED);
        try (var scenario = new FaultScenario.Setting("no fault", FIGURES, 1, reference).start()) {
            var began = Instant.now();
            var run = scenario.run();
            scenario.until("the run without faults has ended", run::hasEnded);
            undisturbed = Duration.between(began, Instant.now());
            schema = scenario.postgres().dump(run.database());
            verify(scenario, LIMIT);
        }
    }

    @AfterAll
    static void printFigures() {
        System.out.printf(
                "fault suite: -Dfaults.kills=%d -Dfaults.seed=%d%n%s%n",
                KILLS, SEED, FIGURES.table());
    }

    /** Behind its last silence a process may take as long as a few whole runs, several at once. */
    private static void verify(FaultScenario scenario, Duration silence) throws Exception {
        scenario.verify(silence, silence.plus(undisturbed.multipliedBy(6)), schema);
    }

    private FaultScenario.Setting setting(String name, double stretch) throws Exception {
        return new FaultScenario.Setting(name, FIGURES, stretch, folder);
    }

    @Test
    @Order(1)
    void workersAreKilledAtRandomMoments() throws Exception {
        var random = new Random(SEED);
        try (var scenario = setting("worker killed at a random moment", 1).start()) {
            var lanes = scenario.runs(AT_ONCE);
            var lastCold = Instant.MIN;
            for (int kills = 0; kills < KILLS; ) {
                for (int i = 0; i < AT_ONCE; i++) {
                    if (lanes.get(i).hasEnded()) {
                        lanes.set(i, scenario.run());
                    }
                }
                // Mostly at work: after a kill before the first call the next attempt is a minute
                // away.
                boolean coldToo = random.nextInt(8) == 0;
                var workers = scenario.workers();
                scenario.until("a worker is at work", () -> !workers.busy(coldToo).isEmpty());
                Thread.sleep(random.nextInt(3000));
                var busy = workers.busy(coldToo);
                if (!busy.isEmpty()) {
                    var victim = busy.get(random.nextInt(busy.size()));
                    victim.kill();
                    kills++;
                    scenario.fault(
                            lanes.stream().filter(run -> victim.isAt(run.database())).toList());
                    if (victim.moment() == FaultWorkers.Moment.COLD) {
                        lastCold = Instant.now();
                    }
                }
            }
            boolean coldOne = lastCold.plusSeconds(90).isAfter(scenario.lastFault());
            verify(scenario, coldOne ? COLD_LIMIT : LIMIT);
        }
    }

    @Test
    @Order(2)
    void coldWorkerIsKilledBeforeItsFirstCall() throws Exception {
        try (var scenario = setting("cold worker killed before its first call", 1).start()) {
            for (int i = 0; i < 2; i++) {
                var known = scenario.system().pids("WorkerFunction");
                var run = scenario.run();
                scenario.until("a new worker starts", () -> !fresh(scenario, known).isEmpty());
                for (long pid : fresh(scenario, known)) {
                    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
                }
                scenario.fault(List.of(run));
            }
            verify(scenario, COLD_LIMIT);
        }
    }

    private static List<Long> fresh(FaultScenario scenario, List<Long> known) {
        var pids = new ArrayList<>(scenario.system().pids("WorkerFunction"));
        pids.removeAll(known);
        return pids;
    }

    @Test
    @Order(3)
    void workersAreFrozenPastTheirLeaseAndThawed() throws Exception {
        var random = new Random(SEED);
        try (var scenario = setting("worker frozen past its lease and thawed", 2).start()) {
            var runs = scenario.runs(4);
            var frozen = new ArrayList<FaultWorkers.Worker>();
            for (FaultRun run : runs) {
                scenario.until(
                        "a worker migrates",
                        () -> run.hasEnded() || scenario.workers().of(run.database()).isPresent());
                Thread.sleep(random.nextInt(1000));
                var worker = scenario.workers().of(run.database());
                if (worker.isPresent()) {
                    worker.get().freeze();
                    frozen.add(worker.get());
                    scenario.fault(List.of(run));
                }
            }
            // Half of them come back beside the next attempt, half when all is over.
            for (int i = 0; i < runs.size(); i++) {
                var run = runs.get(i);
                boolean beside = i % 2 == 0;
                scenario.until(
                        "another attempt took over",
                        () -> run.hasEnded() || beside && run.attempt() > 1);
            }
            for (FaultWorkers.Worker worker : frozen) {
                worker.thaw();
            }
            scenario.fault(List.of());
            verify(scenario, LIMIT);
        }
    }

    @Test
    @Order(4)
    void functionTimesOutAt20Seconds() throws Exception {
        var timeout = Duration.ofSeconds(20);
        try (var scenario =
                setting("function's time-out at 20 s", 4).functionTimeout(timeout).start()) {
            var runs = scenario.runs(2);
            for (FaultRun run : runs) {
                scenario.until("an attempt hands over", () -> run.hasEnded() || run.attempt() > 1);
                scenario.fault(List.of());
            }
            verify(scenario, LIMIT);
        }
    }

    @Test
    @Order(5)
    void serverStopsWithoutWarningAndStartsAgain() throws Exception {
        try (var scenario = setting("PostgreSQL stopped with -m immediate", 1).start()) {
            var runs = scenario.runs(4);
            scenario.until(
                    "two are in their long migrations",
                    () -> runs.stream().filter(run -> !run.script().isEmpty()).count() > 1);
            scenario.postgres().stopImmediately();
            Thread.sleep(new Random(SEED).nextInt(3000));
            scenario.postgres().startAgain();
            scenario.fault(runs);
            verify(scenario, LIMIT);
        }
    }

    @Test
    @Order(6)
    void networkLosesEverythingForLongerThanALease() throws Exception {
        try (var scenario = setting("network dark for 25 s", 1).throughNetwork().start()) {
            var runs = scenario.runs(3);
            scenario.until(
                    "one is in a migration",
                    () -> runs.stream().anyMatch(run -> !run.script().isEmpty()));
            scenario.network().goDark();
            Thread.sleep(Duration.ofSeconds(25));
            scenario.network().heal();
            scenario.fault(runs);
            verify(scenario, LIMIT);
        }
    }

    @Test
    @Order(7)
    void networkLosesWhatStandsAndLetsNewConnectionsPass() throws Exception {
        try (var scenario =
                setting("network loses the connections that stand", 2).throughNetwork().start()) {
            var runs = scenario.runs(3);
            scenario.until(
                    "all are in a migration",
                    () -> runs.stream().allMatch(run -> run.hasEnded() || !run.script().isEmpty()));
            scenario.network().loseWhatStands();
            scenario.fault(runs);
            verify(scenario, LIMIT);
        }
    }

    @Test
    @Order(8)
    void queueIsDownForAWhile() throws Exception {
        try (var network = new TcpProxy();
                var scenario =
                        setting("queue out of reach for 40 s", 10)
                                // Wins over the variable that local sets; Lambda's own side of the
                                // queue goes on, as it does on AWS.
                                .variable(
                                        "JAVA_TOOL_OPTIONS",
                                        "-Daws.endpointUrlSqs=http://127.0.0.1:" + network.port())
                                .start()) {
            var queue = scenario.system().queueEndpoint();
            network.to(queue.getHost(), queue.getPort());
            var runs = scenario.runs(3);
            scenario.until(
                    "one is in a migration",
                    () -> runs.stream().anyMatch(run -> !run.script().isEmpty()));
            network.fallSilent();
            Thread.sleep(Duration.ofSeconds(40));
            network.heal();
            scenario.fault(runs);
            verify(scenario, LIMIT);
        }
    }

    @Test
    @Order(9)
    void sameMessageComesFiveTimes() throws Exception {
        var random = new Random(SEED);
        try (var scenario = setting("the same message five times", 1).start()) {
            var runs = scenario.runs(3);
            for (int i = 0; i < 4; i++) {
                for (FaultRun run : runs) {
                    scenario.sendAgain(run);
                    scenario.fault(List.of());
                }
                Thread.sleep(random.nextInt(2000));
            }
            verify(scenario, LIMIT);
        }
    }
}
