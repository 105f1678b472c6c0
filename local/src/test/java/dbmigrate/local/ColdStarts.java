package dbmigrate.local;

import com.fasterxml.jackson.databind.JsonNode;
import dbmigrate.local.Comparison.Against;
import dbmigrate.local.Comparison.Measurement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** From the start of a process, or from its restore, to the answer to its first event. */
final class ColdStarts {
    static final String EMPTY = "empty function";
    private static final String POST = "router, POST";
    private static final String GET = "router, GET";
    private static final String ONE = "worker, one pending";
    private static final String NONE = "worker, none pending";
    private static final String CREDENTIALS = "credentials, Delete";
    private static final String ROUTER_CONTROL = "router's control";
    private static final String ONE_CONTROL = "worker's control, one pending";
    private static final String NONE_CONTROL = "worker's control, none pending";

    private static final Map<String, String> CONTROLS =
            Map.of(POST, ROUTER_CONTROL, ONE, ONE_CONTROL, NONE, NONE_CONTROL);

    private final BenchmarkSystem system;
    private final Way way;
    private final Path migrations;
    private final UnaryOperator<HostedFunction> started;
    private final String migrated;
    private final String processId;

    /**
     * @param migrations a folder of one migration
     * @param started how a function is started
     */
    ColdStarts(
            BenchmarkSystem system, Way way, Path migrations, UnaryOperator<HostedFunction> started)
            throws Exception {
        this.system = system;
        this.way = way;
        this.migrations = migrations;
        this.started = started;
        migrated = BenchmarkSystem.newDatabase();
        var worker = system.function(PackagedFunctions.WORKER, system.direct, migrations);
        try (var pool = new FunctionPool(worker, 1)) {
            var message = system.messages.received(migrated);
            Calls.invoke(pool, Calls.bytes(message.event()));
            system.messages.acknowledge(message.receiptHandle());
            system.messages.requireCompleted(message.processId());
            processId = message.processId();
        }
    }

    void run(int rounds, Report report, String scenario, String title) throws Exception {
        var subjects = subjects(started);
        Comparison.of(rounds, subjects)
                .report(
                        report,
                        scenario,
                        title,
                        Against.all(EMPTY, subjects.sequencedKeySet()),
                        new Against("÷ its control", CONTROLS));
    }

    /** From where Lambda would restore a snapshot, with the hooks and without, and cold. */
    void runPrimed(int rounds, Report report, String scenario, String title) throws Exception {
        var cold = subjects(started);
        var primed = subjects(HostedFunction::snapStarted);
        var unhooked = subjects(ColdStarts::withoutHooks);
        var all = new LinkedHashMap<String, Measurement>();
        var against = new LinkedHashMap<String, String>();
        all.put(EMPTY, cold.get(EMPTY));
        for (String name : List.of(POST, GET, ONE, NONE)) {
            all.put(name + ", cold", cold.get(name));
            all.put(name + ", restored, no hooks", unhooked.get(name));
            all.put(name + ", restored, with hooks", primed.get(name));
        }
        all.keySet()
                .forEach(name ->
                        against.put(name, name.replaceFirst(", restored, .* hooks$", ", cold")));
        Comparison.of(rounds, all)
                .report(
                        report,
                        scenario,
                        title,
                        Against.all(EMPTY, all.sequencedKeySet()),
                        new Against("÷ its cold start", against));
    }

    /** Without the property org.crac finds no context, and the hooks do not run. */
    private static HostedFunction withoutHooks(HostedFunction function) {
        return new HostedFunction(
                function.name(),
                function.arn(),
                function.timeout(),
                function.taskRoot(),
                function.command(),
                function.snapStarted().environment());
    }

    private SequencedMap<String, Measurement> subjects(UnaryOperator<HostedFunction> started)
            throws Exception {
        var empty = started.apply(system.control("EmptyFunction", way, migrations));
        var routerControl = started.apply(system.control("RouterControl", way, migrations));
        var workerControl = started.apply(system.control("WorkerControl", way, migrations));
        var router = started.apply(system.function(PackagedFunctions.ROUTER, way, migrations));
        var worker = started.apply(system.function(PackagedFunctions.WORKER, way, migrations));
        var resource = system.credentials.function;
        var credentials = started.apply(BenchmarkSystem.with(resource, way.arguments()));
        var subjects = new LinkedHashMap<String, Measurement>();
        subjects.put(EMPTY, () -> first(empty, new byte[] {'0'}));
        subjects.put(ROUTER_CONTROL, () -> first(routerControl, new byte[] {'0'}));
        subjects.put(POST, () -> first(router, Calls.bytes(Calls.post(migrated))));
        subjects.put(GET, () -> first(router, Calls.bytes(Calls.get(processId))));
        subjects.put(ONE_CONTROL, () -> control(workerControl, BenchmarkSystem.newDatabase()));
        subjects.put(ONE, () -> worker(worker, BenchmarkSystem.newDatabase()));
        subjects.put(NONE_CONTROL, () -> control(workerControl, migrated));
        subjects.put(NONE, () -> worker(worker, migrated));
        subjects.put(CREDENTIALS, () -> first(credentials, system.credentials.event()));
        return subjects;
    }

    private SequencedMap<String, Double> worker(HostedFunction worker, String database)
            throws Exception {
        var message = system.messages.received(database);
        var measured = first(worker, Calls.bytes(message.event()));
        system.messages.acknowledge(message.receiptHandle());
        system.messages.requireCompleted(message.processId());
        return measured;
    }

    private SequencedMap<String, Double> control(HostedFunction control, String database)
            throws Exception {
        var message = system.messages.received(database);
        var measured =
                first(
                        control,
                        (database + " " + message.receiptHandle())
                                .getBytes(StandardCharsets.UTF_8));
        system.messages.acknowledge(message.receiptHandle());
        return measured;
    }

    private static SequencedMap<String, Double> first(HostedFunction function, byte[] event)
            throws Exception {
        boolean primed =
                "snap-start".equals(function.environment().get("AWS_LAMBDA_INITIALIZATION_TYPE"));
        long begun = System.nanoTime();
        double cpu = 0;
        try (Instance instance = Instance.start(function)) {
            if (primed) {
                instance.snapshot().get(120, TimeUnit.SECONDS);
                begun = System.nanoTime();
                cpu = cpu(instance.pid());
            }
            var ready = instance.ready().thenApply(_ -> System.nanoTime());
            var outcome = instance.invoke(event).orElseThrow();
            long answered = System.nanoTime();
            if (!(outcome instanceof Outcome.Answered(byte[] payload))) {
                throw new IllegalStateException(outcome.toString());
            }
            requireSuccess(payload);
            var figures = new LinkedHashMap<String, Double>();
            figures.put("ms to the answer", (answered - begun) / 1e6);
            figures.put("of them until it asks for the event", (ready.get() - begun) / 1e6);
            figures.put("ms of a processor", cpu(instance.pid()) - cpu);
            figures.put("peak MB", peak(instance.pid()));
            return figures;
        }
    }

    private static void requireSuccess(byte[] payload) throws Exception {
        JsonNode answer = Report.JSON.readTree(payload);
        int status = answer.path("statusCode").asInt(200);
        if (status >= 300 || !answer.path("batchItemFailures").isEmpty()) {
            throw new IllegalStateException(answer.toString());
        }
    }

    /** What a process has had of the processors, in ms: in steps of 10. */
    private static double cpu(long pid) {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .orElseThrow()
                .toMillis();
    }

    /** The most memory that a process has held until now, in MB. */
    static double peak(long pid) throws IOException {
        try (var lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
            String peak = lines.filter(line -> line.startsWith("VmHWM:")).findFirst().orElseThrow();
            return Double.parseDouble(peak.replaceAll("[^0-9]", "")) / 1024;
        }
    }
}
