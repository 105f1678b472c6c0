package dbmigrate.local;

import dbmigrate.local.Comparison.Against;
import dbmigrate.local.Comparison.Measurement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** N migrations: from an empty database, with none pending, and with one pending; all warm. */
final class ManyMigrations {
    static final String FROM_EMPTY = "from empty, ms";
    static final String NONE_PENDING = "none pending, ms";
    static final String ONE_PENDING = "one pending, ms";
    private static final String PEAK = "peak MB";
    private static final String PSQL = "psql";
    private static final String WORKER = "worker";
    private static final String PLAIN = "plain Flyway";

    /** Migrates a database and says how many ms it took. */
    @FunctionalInterface
    private interface Run {
        double of(String database) throws Exception;
    }

    private final BenchmarkSystem system;
    private final Way way;
    private final Path migrations;
    private final int number;

    /**
     * @param folder an empty folder
     */
    ManyMigrations(BenchmarkSystem system, Way way, Path folder, int number) throws IOException {
        this.system = system;
        this.way = way;
        this.number = number;
        migrations =
                RepeatableFigures.migrations(
                        Files.createDirectory(folder.resolve("sql")), 1, number);
    }

    void run(int rounds, Report report, String scenario, Optional<Psql> psql) throws Exception {
        var worker = system.function(PackagedFunctions.WORKER, way, migrations);
        var control = system.control("WorkerControl", way, migrations);
        var empty = system.control("EmptyFunction", way, migrations);
        try (var workers = new FunctionPool(worker, 1);
                var controls = new FunctionPool(control, 1);
                var empties = new FunctionPool(empty, 1)) {
            var subjects = new LinkedHashMap<String, Measurement>();
            psql.ifPresentOrElse(
                    found -> subjects.put(PSQL, () -> psql(found)),
                    () -> report.leftOut(PSQL, "it is not installed"));
            subjects.put(WORKER, () -> measured(database -> worker(workers, database), workers));
            subjects.put(PLAIN, () -> measured(database -> plain(controls, database), controls));
            subjects.put(ColdStarts.EMPTY, () -> empty(empties));
            warmUp(workers, controls);
            var names = subjects.sequencedKeySet();
            var compared = Comparison.of(rounds, subjects);
            for (String figure : List.of(FROM_EMPTY, NONE_PENDING, ONE_PENDING)) {
                compared.only(figure)
                        .report(
                                report,
                                scenario,
                                "%d migrations, warm: %s".formatted(number, figure),
                                Against.all(PSQL, names),
                                Against.all(PLAIN, names));
            }
            compared.only(PEAK)
                    .report(
                            report,
                            scenario,
                            "%d migrations: the most memory".formatted(number),
                            Against.all(ColdStarts.EMPTY, names));
        }
    }

    /** With few files, so that it takes no longer than it has to. */
    private void warmUp(FunctionPool workers, FunctionPool controls) throws Exception {
        worker(workers, BenchmarkSystem.newDatabase());
        plain(controls, BenchmarkSystem.newDatabase());
    }

    private SequencedMap<String, Double> measured(Run run, FunctionPool pool) throws Exception {
        String database = BenchmarkSystem.newDatabase();
        var figures = new LinkedHashMap<String, Double>();
        figures.put(FROM_EMPTY, run.of(database));
        figures.put(NONE_PENDING, run.of(database));
        Path next = RepeatableFigures.migration(migrations, number + 1);
        figures.put(ONE_PENDING, run.of(database));
        Files.delete(next);
        figures.put(PEAK, ColdStarts.peak(pool.pids().getFirst()));
        BenchmarkSystem.drop(database);
        return figures;
    }

    private SequencedMap<String, Double> psql(Psql psql) throws Exception {
        String database = BenchmarkSystem.newDatabase();
        var figures = new LinkedHashMap<String, Double>();
        figures.put(FROM_EMPTY, psql.run(way, database, migrations, 1, number));
        figures.put(NONE_PENDING, psql.run(way, database, migrations, number + 1, number));
        Path next = RepeatableFigures.migration(migrations, number + 1);
        figures.put(ONE_PENDING, psql.run(way, database, migrations, number + 1, number + 1));
        Files.delete(next);
        BenchmarkSystem.drop(database);
        return figures;
    }

    private double worker(FunctionPool pool, String database) throws Exception {
        var message = system.messages.received(database);
        byte[] event = Calls.bytes(message.event());
        double took = Calls.timed(pool, event);
        system.messages.acknowledge(message.receiptHandle());
        system.messages.requireCompleted(message.processId());
        return took;
    }

    private static double plain(FunctionPool pool, String database) throws Exception {
        return Calls.timed(pool, database.getBytes(StandardCharsets.UTF_8));
    }

    private static SequencedMap<String, Double> empty(FunctionPool pool) throws Exception {
        Calls.timed(pool, new byte[] {'0'});
        var figures = new LinkedHashMap<String, Double>();
        figures.put(PEAK, ColdStarts.peak(pool.pids().getFirst()));
        return figures;
    }
}
