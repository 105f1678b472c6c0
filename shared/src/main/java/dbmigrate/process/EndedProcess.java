package dbmigrate.process;

import dbmigrate.log.Metrics;
import dbmigrate.log.Metrics.Unit;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What the statement that ended a process says about it, by PostgreSQL's clock. Only one statement
 * ever ends a process, and only its caller gets this.
 *
 * @param took from the request to the end
 * @param queued from the request to the first attempt; empty where none began
 * @param ran from the first attempt to the end; empty where none began
 * @param retries how many attempts were given back with a failure, or died
 * @param applied how many migrations were applied
 */
public record EndedProcess(
        UUID id,
        ProcessState state,
        Duration took,
        Optional<Duration> queued,
        Optional<Duration> ran,
        int retries,
        int applied) {
    /** Stands behind an update of {@code db_migrate.process} that sets {@code finished_at}. */
    static final String RETURNING =
            """
             returning process.id, process.state, process.failures,
                extract(epoch from process.finished_at - process.requested_at) * 1000 as took_ms,
                extract(epoch from process.started_at - process.requested_at) * 1000 as queued_ms,
                extract(epoch from process.finished_at - process.started_at) * 1000 as ran_ms,
                (select count(*) from db_migrate.migration m
                 where m.process_id = process.id and m.state = 'applied') as applied
            """;

    /** Reads what {@link #RETURNING} gives. */
    static EndedProcess read(ResultSet row) throws SQLException {
        Duration took = millis(row, "took_ms").orElseThrow();
        return new EndedProcess(
                row.getObject("id", UUID.class),
                ProcessState.valueOf(row.getString("state")),
                took,
                millis(row, "queued_ms"),
                millis(row, "ran_ms"),
                row.getInt("failures"),
                row.getInt("applied"));
    }

    /** What is counted of it: how it ended by its result, the rest by the stack alone. */
    public Metrics metrics(String stack) {
        List<Metrics.Metric> ends = new ArrayList<>();
        ends.add(new Metrics.Metric("Processes", Unit.COUNT, 1));
        ends.add(new Metrics.Metric("ProcessDuration", Unit.MILLISECONDS, took.toMillis()));
        ran.ifPresent(time ->
                ends.add(new Metrics.Metric("RunDuration", Unit.MILLISECONDS, time.toMillis())));
        List<Metrics.Metric> work = new ArrayList<>();
        work.add(new Metrics.Metric("MigrationsApplied", Unit.COUNT, applied));
        work.add(new Metrics.Metric("Retries", Unit.COUNT, retries));
        queued.ifPresent(time ->
                work.add(new Metrics.Metric("QueueDelay", Unit.MILLISECONDS, time.toMillis())));
        return new Metrics(
                Map.of("Stack", stack, "Result", state.name()),
                List.of(
                        new Metrics.Directive(List.of("Stack", "Result"), ends),
                        new Metrics.Directive(List.of("Stack"), work)));
    }

    /** Never negative: after a failover the new server's clock may be behind the old one's. */
    private static Optional<Duration> millis(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull()
                ? Optional.empty()
                : Optional.of(Duration.ofMillis(Math.max(0, millis)));
    }
}
