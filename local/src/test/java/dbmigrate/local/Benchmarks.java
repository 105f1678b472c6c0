package dbmigrate.local;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** The program behind .ci/benchmark, which says what its arguments are. */
final class Benchmarks {
    private static final int ROUNDS = Integer.getInteger("rounds", 7);
    private static final String CHECK = "check";
    private static final String UNTIL_THE_ANSWER = "From the start of the process to the answer";

    private final BenchmarkSystem system;
    private final Report report;
    private boolean succeeded = true;

    private Benchmarks(BenchmarkSystem system, Report report) {
        this.system = system;
        this.report = report;
    }

    public static void main(String[] args) throws Exception {
        // As in LocalSystem: the JDK's server would answer the runtime client 40 ms late.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        var out = System.out;
        Path target = Main.target();
        Path workspace = Files.createTempDirectory("db-migrate-benchmark");
        int code = 1;
        try (var log = new PrintStream(target.resolve("benchmark.log").toFile())) {
            // What the functions print.
            System.setOut(log);
            try (var system =
                    new BenchmarkSystem(Files.createDirectory(workspace.resolve("system")))) {
                var benchmarks = new Benchmarks(system, new Report(out));
                for (String scenario : args) {
                    Path folder = Files.createDirectory(workspace.resolve(scenario));
                    benchmarks.tried(scenario, folder);
                    benchmarks.report.write(target.resolve("benchmark.json"));
                }
                code = benchmarks.succeeded ? 0 : 1;
            }
        } finally {
            System.setOut(out);
            delete(workspace);
        }
        System.exit(code);
    }

    /** What fails in one scenario takes nothing from the others. */
    private void tried(String scenario, Path folder) {
        try {
            run(scenario, folder);
        } catch (Exception e) {
            succeeded = false;
            report.leftOut(scenario, "it failed");
            e.printStackTrace();
        }
    }

    private void run(String scenario, Path folder) throws Exception {
        long begun = System.nanoTime();
        String[] parts = scenario.split("-");
        switch (parts[0]) {
            case "counts", "trace", CHECK -> counts(scenario, folder);
            case "cold", "primed" -> cold(scenario, folder);
            case "warm" -> new WarmCalls(system, one(folder)).run(ROUNDS, report, scenario);
            case "completed" ->
                    new Completion(system, one(folder))
                            .run(ROUNDS, report, scenario, Psql.installed(folder));
            case "many" ->
                    new ManyMigrations(
                                    system,
                                    parts.length == 2 ? system.direct : system.delayed,
                                    folder,
                                    Integer.parseInt(parts[1]))
                            .run(ROUNDS, report, scenario, Psql.installed(folder));
            case "peers" ->
                    new Peers(system, folder, Integer.parseInt(parts[1]))
                            .run(ROUNDS, report, scenario, Psql.installed(folder));
            default -> throw new IllegalArgumentException("No scenario is called " + scenario);
        }
        System.err.printf("%s took %d s%n", scenario, (System.nanoTime() - begun) / 1_000_000_000);
    }

    private void counts(String scenario, Path folder) throws Exception {
        var figures = new RepeatableFigures(system, folder);
        var measured = figures.measured();
        figures.report(report);
        if (scenario.equals("trace")) {
            figures.trace(report);
        }
        if (scenario.equals(CHECK)) {
            // Those of others are not ours to bound.
            measured.keySet().removeIf(name -> name.matches(".*(plain Flyway|empty function).*"));
            var faults =
                    RepeatableFigures.beyond(
                            measured, Files.readAllLines(Main.home().resolve(".ci/bounds")));
            faults.forEach(System.err::println);
            succeeded &= faults.isEmpty();
        }
    }

    private void cold(String scenario, Path folder) throws Exception {
        if (scenario.equals("cold-plain")) {
            cold(system.direct, folder, UnaryOperator.identity())
                    .run(ROUNDS, report, scenario, UNTIL_THE_ANSWER + ", without TLS");
            return;
        }
        if (system.tls.isEmpty()) {
            report.leftOut(scenario, "the openssl program is not installed");
            return;
        }
        var tls = system.tls.get();
        switch (scenario) {
            case "cold" ->
                    cold(tls, folder, UnaryOperator.identity())
                            .run(ROUNDS, report, scenario, UNTIL_THE_ANSWER);
            case "primed" ->
                    cold(tls, folder, UnaryOperator.identity())
                            .runPrimed(
                                    ROUNDS,
                                    report,
                                    scenario,
                                    "From the start or the restore to the answer");
            case "cold-one-core" -> {
                var program = List.of("taskset", "-c", "0");
                cold(tls, folder, function -> BenchmarkSystem.by(function, program))
                        .run(ROUNDS, report, scenario, UNTIL_THE_ANSWER + ", one core");
            }
            case "cold-half-core" -> halfACore(tls, scenario, folder);
            default -> throw new IllegalArgumentException("No scenario is called " + scenario);
        }
    }

    private void halfACore(Way tls, String scenario, Path folder) throws Exception {
        var share = Share.of(0.5);
        if (share.isEmpty()) {
            report.leftOut(scenario, "this user may not make a control group");
            return;
        }
        try (var half = share.get()) {
            cold(tls, folder, function -> BenchmarkSystem.by(function, half.program()))
                    .run(ROUNDS, report, scenario, UNTIL_THE_ANSWER + ", half a core");
        }
    }

    private ColdStarts cold(Way way, Path folder, UnaryOperator<HostedFunction> started)
            throws Exception {
        return new ColdStarts(system, way, one(folder), started);
    }

    private static Path one(Path folder) throws IOException {
        return RepeatableFigures.migrations(Files.createDirectory(folder.resolve("one")), 1, 1);
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            var all = files.toArray(Path[]::new);
            Arrays.asList(all).reversed().forEach(file -> file.toFile().delete());
        }
    }
}
