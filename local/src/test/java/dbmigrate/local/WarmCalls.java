package dbmigrate.local;

import dbmigrate.local.Comparison.Against;
import dbmigrate.local.Comparison.Measurement;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;

/** The router while it is warm, under one caller and under many. */
final class WarmCalls {
    /** A machine has no memory for an instance for each of 64 callers: some wait, as on Lambda. */
    private static final int INSTANCES = 8;

    private static final int CALLS = 300;
    private static final List<Integer> CALLERS = List.of(1, 8, 64);

    private final BenchmarkSystem system;
    private final Path migrations;

    WarmCalls(BenchmarkSystem system, Path migrations) {
        this.system = system;
        this.migrations = migrations;
    }

    void run(int rounds, Report report, String scenario) throws Exception {
        String database = BenchmarkSystem.newDatabase();
        var empty = system.control("EmptyFunction", system.direct, migrations);
        var router = system.function(PackagedFunctions.ROUTER, system.direct, migrations);
        try (var empties = new FunctionPool(empty, INSTANCES);
                var routers = new FunctionPool(router, INSTANCES)) {
            byte[] get =
                    Calls.bytes(
                            Calls.get(
                                    PackagedFunctions.acceptedIn(
                                            Calls.answer(routers, Calls.post(database)))));
            var kinds = new LinkedHashMap<String, Callable<byte[]>>();
            var subjects = new LinkedHashMap<String, Measurement>();
            var against = new LinkedHashMap<String, String>();
            kinds.put("empty function", () -> new byte[] {'0'});
            kinds.put("GET", () -> get);
            kinds.put("POST", () -> Calls.bytes(Calls.post(database)));
            for (int callers : CALLERS) {
                for (var kind : kinds.entrySet()) {
                    var pool = kind.getKey().startsWith("empty") ? empties : routers;
                    String name = "%s, %d callers".formatted(kind.getKey(), callers);
                    subjects.put(name, () -> called(pool, callers, kind.getValue()));
                    against.put(name, "empty function, %d callers".formatted(callers));
                }
            }
            // Starts the instances.
            for (var subject : subjects.values()) {
                subject.measure();
            }
            Comparison.of(rounds, subjects)
                    .report(
                            report,
                            scenario,
                            "Warm calls, at most %d instances".formatted(INSTANCES),
                            new Against("÷ empty function", Map.copyOf(against)));
        }
    }

    private static SequencedMap<String, Double> called(
            FunctionPool pool, int callers, Callable<byte[]> event) throws Exception {
        var events = new ConcurrentLinkedQueue<byte[]>();
        for (int i = 0; i < CALLS; i++) {
            events.add(event.call());
        }
        var took = new ConcurrentLinkedQueue<Double>();
        long begun = System.nanoTime();
        try (var threads = Executors.newFixedThreadPool(callers)) {
            var all =
                    threads.invokeAll(Collections.nCopies(callers, () -> call(pool, events, took)));
            for (var one : all) {
                one.get();
            }
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        var sample = new Sample(List.copyOf(took));
        var figures = new LinkedHashMap<String, Double>();
        figures.put("p50 ms", sample.median());
        figures.put("p99 ms", sample.quantile(0.99));
        figures.put("calls a second", took.size() / seconds);
        return figures;
    }

    private static boolean call(
            FunctionPool pool,
            ConcurrentLinkedQueue<byte[]> events,
            ConcurrentLinkedQueue<Double> took)
            throws InterruptedException {
        for (byte[] event = events.poll(); event != null; event = events.poll()) {
            long begun = System.nanoTime();
            Calls.invoke(pool, event);
            took.add((System.nanoTime() - begun) / 1e6);
        }
        return true;
    }
}
