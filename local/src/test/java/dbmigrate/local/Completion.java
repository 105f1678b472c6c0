package dbmigrate.local;

import dbmigrate.local.Comparison.Against;
import dbmigrate.local.Comparison.Measurement;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * From a POST until its one migration is COMPLETED, without what Lambda takes to poll the queue.
 */
final class Completion {
    private static final String PSQL = "psql, the whole run of that file";

    private final BenchmarkSystem system;
    private final Path migrations;

    /**
     * @param migrations a folder of one migration
     */
    Completion(BenchmarkSystem system, Path migrations) {
        this.system = system;
        this.migrations = migrations;
    }

    void run(int rounds, Report report, String scenario, Optional<Psql> psql) throws Exception {
        var router = system.function(PackagedFunctions.ROUTER, system.direct, migrations);
        var worker = system.function(PackagedFunctions.WORKER, system.direct, migrations);
        try (var routers = new FunctionPool(router, 1);
                var workers = new FunctionPool(worker, 1)) {
            completed(routers, workers);
            var subjects = new LinkedHashMap<String, Measurement>();
            psql.ifPresentOrElse(
                    found -> subjects.put(PSQL, () -> psql(found)),
                    () -> report.leftOut(PSQL, "psql is not installed"));
            subjects.put("POST to COMPLETED, warm", () -> completed(routers, workers));
            subjects.put(
                    "POST to COMPLETED, cold",
                    () -> {
                        try (var newRouters = new FunctionPool(router, 1);
                                var newWorkers = new FunctionPool(worker, 1)) {
                            return completed(newRouters, newWorkers);
                        }
                    });
            Comparison.of(rounds, subjects)
                    .report(
                            report,
                            scenario,
                            "One migration, from POST to COMPLETED",
                            Against.all(PSQL, subjects.sequencedKeySet()));
        }
    }

    private SequencedMap<String, Double> psql(Psql psql) throws Exception {
        String database = BenchmarkSystem.newDatabase();
        return took(psql.run(system.direct, database, migrations, 1, 1));
    }

    private SequencedMap<String, Double> completed(FunctionPool routers, FunctionPool workers)
            throws Exception {
        var post = Calls.post(BenchmarkSystem.newDatabase());
        long begun = System.nanoTime();
        var message = system.messages.received(Calls.answer(routers, post));
        Calls.invoke(workers, Calls.bytes(message.event()));
        double took = (System.nanoTime() - begun) / 1e6;
        system.messages.acknowledge(message.receiptHandle());
        system.messages.requireCompleted(message.processId());
        return took(took);
    }

    private static SequencedMap<String, Double> took(double ms) {
        return new LinkedHashMap<>(Map.of("ms", ms));
    }
}
