package dbmigrate.local;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** What must hold of every process when the faults are over. */
final class FaultChecks {
    private static final Duration SERVER_NOTICES = Duration.ofSeconds(15);

    private final FaultPostgres postgres;
    private final String schema;
    private final List<String> findings = new ArrayList<>();
    private int lost;
    private int stuck;
    private int twice;

    FaultChecks(FaultPostgres postgres, String schema) {
        this.postgres = postgres;
        this.schema = schema;
    }

    /** Looks at one process and its database. */
    void check(FaultRun run, boolean ended) throws IOException, InterruptedException {
        if (!ended) {
            stuck++;
            finding(run, "no end, and nothing new for too long: " + run.last());
            return;
        }
        var missing = new ArrayList<String>();
        if (!run.last().required("state").asText().equals("COMPLETED")) {
            missing.add("not completed: " + run.last());
        }
        counted(run, missing);
        if (!missing.isEmpty()) {
            lost++;
            finding(run, "lost: " + missing);
            return;
        }
        truthful(run);
        if (!postgres.dump(run.database()).equals(schema)) {
            finding(run, "its schema is another: " + postgres.dump(run.database()));
        }
        String invalid = "select indexrelid::regclass from pg_index where not indisvalid";
        if (!postgres.query(run.database(), invalid).isEmpty()) {
            finding(run, "INVALID: " + postgres.query(run.database(), invalid));
        }
    }

    /** Each migration is in the history once, and each effect stands once. */
    private void counted(FaultRun run, List<String> missing) {
        var history = new TreeMap<String, Integer>();
        if (!exists(run, "flyway_schema_history") || !exists(run, "effect")) {
            missing.add("the tables");
            return;
        }
        postgres.query(run.database(), "select script from flyway_schema_history where success")
                .forEach(script -> history.merge(script, 1, Integer::sum));
        var effects = new TreeMap<String, Integer>();
        postgres.query(run.database(), "select version from effect")
                .forEach(version -> effects.merge(version, 1, Integer::sum));
        FaultMigrations.scripts().stream()
                .filter(s -> !history.containsKey(s))
                .forEach(missing::add);
        FaultMigrations.effects().stream()
                .map(String::valueOf)
                .filter(version -> !effects.containsKey(version))
                .map(version -> "effect " + version)
                .forEach(missing::add);
        var repeated = new HashSet<String>();
        history.forEach((script, times) -> {
            if (times > 1) {
                repeated.add(script);
            }
        });
        effects.forEach((version, times) -> {
            if (times > 1) {
                repeated.add("effect " + version);
            }
        });
        if (!repeated.isEmpty()) {
            twice++;
            finding(run, "applied twice: " + repeated);
        }
        String failed = "select script from flyway_schema_history where not success";
        if (!postgres.query(run.database(), failed).isEmpty()) {
            finding(run, "failed in the history: " + postgres.query(run.database(), failed));
        }
    }

    private boolean exists(FaultRun run, String table) {
        String databases = "select from pg_database where datname = '%s'".formatted(run.database());
        return !postgres.query("postgres", databases).isEmpty()
                && postgres.query(
                                run.database(),
                                "select to_regclass('%s') is not null".formatted(table))
                        .equals(List.of("t"));
    }

    /** The row says what happened, and holds nothing any more. */
    private void truthful(FaultRun run) {
        int total = FaultMigrations.scripts().size();
        var process = run.last();
        String progress = process.required("progress").toString();
        if (!progress.equals(
                "{\"applied\":%1$d,\"total\":%1$d,\"current\":null}".formatted(total))) {
            finding(run, "its progress: " + progress);
        }
        String version = process.at("/schemaVersion/now").asText();
        if (!version.equals(Integer.toString(total))) {
            finding(run, "its version: " + version);
        }
        var scripts = new ArrayList<String>();
        process.required("migrations")
                .forEach(one -> {
                    if (one.required("state").asText().equals("applied")) {
                        scripts.add(one.required("script").asText());
                    }
                });
        if (!scripts.equals(FaultMigrations.scripts())) {
            finding(run, "its migrations: " + scripts);
        }
        String held =
                """
                select id from db_migrate.process where id = '%s'
                  and num_nonnulls(lease_until, backend_pid, current_script) > 0
                """
                        .formatted(run.id());
        if (!postgres.query("postgres", held).isEmpty()) {
            finding(run, "its row still holds a lease, a session or a current migration");
        }
    }

    /** Nobody is on the targets any more, and nobody holds an advisory lock. */
    void checkServer() throws InterruptedException {
        // The rows' sessions of the warm routers stay, in the maintenance database.
        String sessions =
                """
                select datname || ' ' || state || ' ' || query from pg_stat_activity
                where backend_type = 'client backend' and application_name <> 'faults'
                  and datname <> 'postgres'
                """;
        String locks = "select objid from pg_locks where locktype = 'advisory'";
        var end = Instant.now().plus(SERVER_NOTICES);
        var left = left(sessions, locks);
        while (!left.isEmpty() && Instant.now().isBefore(end)) {
            Thread.sleep(100);
            left = left(sessions, locks);
        }
        left.forEach(one -> findings.add("left on the server: " + one));
    }

    private List<String> left(String... queries) {
        var left = new ArrayList<String>();
        for (String query : queries) {
            left.addAll(postgres.query("postgres", query));
        }
        return left;
    }

    private void finding(FaultRun run, String what) {
        findings.add("%s (%s): %s".formatted(run.database(), run.id(), what));
    }

    /** What does not hold; empty where all is well. */
    List<String> findings() {
        return List.copyOf(findings);
    }

    FaultFigures.Row row(List<FaultRun> runs, int faults, Instant lastFault) {
        var recoveries = runs.stream().flatMap(run -> recoveries(run).stream()).toList();
        var toTheEnd =
                runs.stream()
                        .map(run -> Duration.between(lastFault, run.lastChange()))
                        .reduce(Duration.ZERO, FaultFigures::longer);
        return new FaultFigures.Row(runs.size(), faults, lost, stuck, twice, recoveries, toTheEnd);
    }

    private List<Duration> recoveries(FaultRun run) {
        if (!run.hasEnded()) {
            return List.of();
        }
        String claims =
                """
                select one ->> 'startedAt' from db_migrate.process, jsonb_array_elements(attempts) one
                where id = '%1$s'
                union all select attempt_started_at::text from db_migrate.process where id = '%1$s'
                union all select finished_at::text from db_migrate.process where id = '%1$s'
                """
                        .formatted(run.id());
        var moments =
                postgres.query("postgres", claims).stream()
                        .filter(moment -> !moment.isEmpty())
                        .map(FaultChecks::instant)
                        .sorted()
                        .toList();
        var recoveries = new ArrayList<Duration>();
        for (Instant fault : run.faults()) {
            next(moments, fault).ifPresent(next -> recoveries.add(Duration.between(fault, next)));
        }
        return recoveries;
    }

    private static Optional<Instant> next(List<Instant> moments, Instant after) {
        return moments.stream().filter(moment -> moment.isAfter(after)).findFirst();
    }

    /** PostgreSQL writes a blank for the T, and JSON has one. */
    private static Instant instant(String timestamp) {
        return OffsetDateTime.parse(timestamp.replace(' ', 'T')).toInstant();
    }
}
