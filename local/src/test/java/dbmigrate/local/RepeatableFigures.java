package dbmigrate.local;

import dbmigrate.testing.RoundTrips.Count;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;

/** What is the same on every machine: bytes, classes, connections, round trips and statements. */
final class RepeatableFigures {
    /** So many more migrations: what one of them costs is the difference's share. */
    private static final int MORE = 10;

    private static final int TIMES = 3;

    /** On a connection of its own once a second: a matter of time, and of no work. */
    private static final String HEARTBEAT = "update db_migrate.process set heartbeat_at";

    private final BenchmarkSystem system;
    private final Path workspace;
    private final SequencedMap<String, Long> figures = new LinkedHashMap<>();
    private final SequencedMap<String, Count> counts = new LinkedHashMap<>();

    /**
     * @param workspace an empty folder
     */
    RepeatableFigures(BenchmarkSystem system, Path workspace) {
        this.system = system;
        this.workspace = workspace;
    }

    /** Each figure by the name that it has in .ci/bounds. */
    SequencedMap<String, Long> measured() throws Exception {
        classes();
        router();
        worker();
        plainFlyway();
        return figures;
    }

    void report(Report report) {
        figures.forEach((name, value) -> report.figure("counts", name, value));
        report.table(
                "Classes loaded, round trips and statements",
                List.of("counts", "figure"),
                figures.entrySet().stream()
                        .map(figure -> List.of(figure.getKey(), figure.getValue().toString()))
                        .toList());
    }

    /** Every statement with the round trip of its connection in which it was sent. */
    void trace(Report report) {
        counts.forEach((name, count) -> {
            report.table(
                    "What was sent: " + name,
                    List.of("database", "round trip", "statement"),
                    count.sent().stream()
                            .map(sent ->
                                    List.of(
                                            sent.database(),
                                            Integer.toString(sent.trip()),
                                            "`%.160s`".formatted(sent.sql())))
                            .toList());
        });
    }

    private void classes() throws Exception {
        Path one = migrations("classes", 1);
        var empty = system.control("EmptyFunction", system.direct, one);
        figures.put("classes empty function", loaded(empty, "0".getBytes(StandardCharsets.UTF_8)));
        String database = BenchmarkSystem.newDatabase();
        var router = system.function(PackagedFunctions.ROUTER, system.direct, one);
        figures.put("classes router POST", loaded(router, Calls.bytes(Calls.post(database))));
        var worker = system.function(PackagedFunctions.WORKER, system.direct, one);
        for (String pending : List.of("one", "none")) {
            var message = system.messages.received(database);
            figures.put(
                    "classes worker " + pending + " pending",
                    loaded(worker, Calls.bytes(message.event())));
            system.messages.acknowledge(message.receiptHandle());
            system.messages.requireCompleted(message.processId());
        }
    }

    private long loaded(HostedFunction function, byte[] event) throws Exception {
        Path log = Files.createTempFile(workspace, "classes", ".log");
        var telling = BenchmarkSystem.with(function, List.of("-Xlog:class+load:file=" + log));
        try (var pool = new FunctionPool(telling, 1)) {
            Calls.invoke(pool, event);
        }
        try (var lines = Files.lines(log)) {
            return lines.filter(line -> line.contains(" source: ")).count();
        }
    }

    private void router() throws Exception {
        var router = system.function(PackagedFunctions.ROUTER, system.delayed, workspace);
        String database = BenchmarkSystem.newDatabase();
        try (var pool = new FunctionPool(router, 1)) {
            var post = count("POST cold", pool, Calls.bytes(Calls.post(database)));
            post = count("POST", pool, Calls.bytes(Calls.post(database)));
            String id = PackagedFunctions.acceptedIn(Report.JSON.readTree(post));
            count("GET", pool, Calls.bytes(Calls.get(id)));
        }
    }

    private void worker() throws Exception {
        worker("one pending", 1);
        worker("many pending", 1 + MORE);
        perMigration("worker");
    }

    private void worker(String name, int migrations) throws Exception {
        Path folder = migrations("worker" + migrations, migrations);
        var function = system.function(PackagedFunctions.WORKER, system.delayed, folder);
        try (var pool = new FunctionPool(function, 1)) {
            for (int time = 0; time < TIMES; time++) {
                String database = BenchmarkSystem.newDatabase();
                worker(name, pool, database);
                worker("none pending", pool, database);
            }
        }
    }

    private void worker(String name, FunctionPool pool, String database) throws Exception {
        var message = system.messages.received(database);
        count("worker " + name, pool, Calls.bytes(message.event()));
        system.messages.acknowledge(message.receiptHandle());
        system.messages.requireCompleted(message.processId());
    }

    private void plainFlyway() throws Exception {
        for (int migrations : List.of(1, 1 + MORE)) {
            Path folder = migrations("plain" + migrations, migrations);
            var control = system.control("WorkerControl", system.delayed, folder);
            try (var pool = new FunctionPool(control, 1)) {
                byte[] database = BenchmarkSystem.newDatabase().getBytes(StandardCharsets.UTF_8);
                count(
                        "plain Flyway " + (migrations == 1 ? "one" : "many") + " pending",
                        pool,
                        database);
                count("plain Flyway none pending", pool, database);
            }
        }
        perMigration("plain Flyway");
    }

    /** Where it is counted again, the least: a connection more than usual only adds. */
    private byte[] count(String name, FunctionPool pool, byte[] event) throws Exception {
        system.proxy.taken();
        byte[] answer = Calls.invoke(pool, event);
        var count =
                system.proxy.taken().stream()
                        .filter(each ->
                                each.sent().stream().noneMatch(s -> s.sql().startsWith(HEARTBEAT)))
                        .reduce(Count.NONE, Count::plus);
        if (count.trips() == 0) {
            throw new IllegalStateException("Nothing was heard of " + name + ".");
        }
        count =
                counts.merge(
                        name, count, (one, other) -> one.trips() <= other.trips() ? one : other);
        figures.put("connections " + name, (long) count.connections());
        figures.put("trips " + name, (long) count.trips());
        figures.put("statements " + name, (long) count.statements());
        return answer;
    }

    /** Without the one statement of the script itself. */
    private void perMigration(String who) {
        var many = Objects.requireNonNull(counts.get(who + " many pending"));
        var one = Objects.requireNonNull(counts.get(who + " one pending"));
        figures.put(
                "trips " + who + " a migration",
                Math.round((many.trips() - one.trips()) / (double) MORE) - 1);
        figures.put(
                "statements " + who + " a migration",
                Math.round((many.statements() - one.statements()) / (double) MORE) - 1);
    }

    private Path migrations(String name, int number) throws IOException {
        return migrations(Files.createDirectory(workspace.resolve(name)), 1, number);
    }

    /** Writes migrations of one statement each into a folder. */
    static Path migrations(Path folder, int first, int last) throws IOException {
        for (int version = first; version <= last; version++) {
            migration(folder, version);
        }
        return folder;
    }

    static Path migration(Path folder, int version) throws IOException {
        return Files.writeString(folder.resolve(file(version)), sql(version));
    }

    static String sql(int version) {
        return "create table t%d (id bigint primary key, note text);%n".formatted(version);
    }

    static String file(int version) {
        return "V%d__table_%d.sql".formatted(version, version);
    }

    /**
     * A sentence for each figure that is beyond its bound or has none, and for each bound without a
     * figure.
     *
     * @param bounds lines of a name, a space and the most that it may be; those of bytes are judged
     *     by .ci/check-package-sizes
     */
    static List<String> beyond(SequencedMap<String, Long> figures, List<String> bounds) {
        var unbounded = new LinkedHashMap<>(figures);
        var faults = new ArrayList<String>();
        for (String line : bounds) {
            int space = line.lastIndexOf(' ');
            if (line.startsWith("#") || line.startsWith("bytes ") || space < 0) {
                continue;
            }
            String name = line.substring(0, space).strip();
            long bound = Long.parseLong(line.substring(space + 1));
            Long figure = unbounded.remove(name);
            if (figure == null) {
                faults.add("%s: at most %d, and not measured".formatted(name, bound));
            } else if (figure > bound) {
                faults.add("%s: %d, of at most %d".formatted(name, figure, bound));
            }
        }
        unbounded.forEach(
                (name, figure) -> faults.add("%s: %d, without a bound".formatted(name, figure)));
        return faults;
    }
}
