package dbmigrate.local;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;

/** The program behind .ci/benchmark, which says what its arguments are. */
final class Benchmarks {
    @FunctionalInterface
    private interface Scenario {
        void run(BenchmarkSystem system, Path workspace, Report report) throws Exception;
    }

    private static final int ROUNDS = Integer.getInteger("rounds", 7);

    private Benchmarks() {}

    public static void main(String[] args) throws Exception {
        // As in LocalSystem: the JDK's server would answer the runtime client 40 ms late.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        var out = System.out;
        Path target = Main.target();
        Path workspace = Files.createTempDirectory("db-migrate-benchmark");
        boolean failed = true;
        try (var log = new PrintStream(target.resolve("benchmark.log").toFile())) {
            // What the functions print.
            System.setOut(log);
            failed = !run(List.of(args), workspace, new Report(out), target);
        } finally {
            System.setOut(out);
            delete(workspace);
        }
        System.exit(failed ? 1 : 0);
    }

    private static boolean run(List<String> names, Path workspace, Report report, Path target)
            throws Exception {
        boolean held = true;
        try (var system = new BenchmarkSystem(Files.createDirectory(workspace.resolve("system")))) {
            for (String name : names) {
                Path folder = Files.createDirectory(workspace.resolve(name));
                long begun = System.nanoTime();
                if (name.equals("check")) {
                    held &= check(system, folder, report);
                } else {
                    scenarios().get(name).run(system, folder, report);
                }
                System.err.printf("%s took %d s%n", name, (System.nanoTime() - begun) / 1_000_000_000);
                report.write(target.resolve("benchmark.json"));
            }
        }
        return held;
    }

    private static boolean check(BenchmarkSystem system, Path folder, Report report)
            throws Exception {
        var figures = new RepeatableFigures(system, folder);
        var measured = figures.measured();
        figures.report(report);
        var bounds =
                Files.readAllLines(Main.home().resolve(".ci/bounds")).stream()
                        .filter(line -> line.matches("(classes|connections|trips|statements) .*"))
                        .toList();
        var faults = RepeatableFigures.beyond(measured, bounds);
        faults.forEach(System.err::println);
        return faults.isEmpty();
    }

    private static SequencedMap<String, Scenario> scenarios() {
        var scenarios = new LinkedHashMap<String, Scenario>();
        scenarios.put("counts", (system, folder, report) -> counts(system, folder, report, false));
        scenarios.put("trace", (system, folder, report) -> counts(system, folder, report, true));
        scenarios.put(
                "cold",
                (system, folder, report) ->
                        cold(system, system.direct, folder, UnaryOperator.identity())
                                .run(ROUNDS, report, "cold", "Cold start, without TLS"));
        return scenarios;
    }

    private static void counts(BenchmarkSystem system, Path folder, Report report, boolean traced)
            throws Exception {
        var figures = new RepeatableFigures(system, folder);
        figures.measured();
        figures.report(report);
        if (traced) {
            figures.trace(report);
        }
    }

    private static ColdStarts cold(
            BenchmarkSystem system,
            BenchmarkSystem.Way way,
            Path folder,
            UnaryOperator<HostedFunction> started)
            throws Exception {
        return new ColdStarts(
                system, way, RepeatableFigures.migrations(folder, 1, 1), started);
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            var all = files.toArray(Path[]::new);
            Arrays.asList(all).reversed().forEach(file -> file.toFile().delete());
        }
    }
}
