package dbmigrate.local;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What the scenarios counted, as a table. */
final class FaultFigures {
    private final Map<String, Row> rows = new TreeMap<>();

    /**
     * A scenario's figures.
     *
     * @param runs processes
     * @param faults kills, cuts, repeated messages and so on
     * @param lost processes that did not complete, or of which a migration is missing
     * @param stuck processes without an end in time
     * @param twice migrations that were applied more than once
     * @param recoveries from a fault to the claim of the next attempt, see {@link FaultScenario}
     * @param toTheEnd from the last fault to the end of the last process
     */
    record Row(
            int runs,
            int faults,
            int lost,
            int stuck,
            int twice,
            List<Duration> recoveries,
            Duration toTheEnd) {
        Row plus(Row other) {
            var all = new ArrayList<>(recoveries);
            all.addAll(other.recoveries);
            return new Row(
                    runs + other.runs,
                    faults + other.faults,
                    lost + other.lost,
                    stuck + other.stuck,
                    twice + other.twice,
                    all,
                    longer(toTheEnd, other.toTheEnd));
        }

        private String text(String name) {
            var sorted = recoveries.stream().sorted().toList();
            return String.format(
                    Locale.ROOT,
                    "%-52s %5d %7d %5d %6d %14d %9s %9s %11s",
                    name,
                    runs,
                    faults,
                    lost,
                    stuck,
                    twice,
                    sorted.isEmpty() ? "-" : seconds(sorted.get(sorted.size() / 2)),
                    sorted.isEmpty() ? "-" : seconds(sorted.getLast()),
                    seconds(toTheEnd));
        }

        private static String seconds(Duration time) {
            return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
        }
    }

    static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    synchronized void add(String scenario, Row row) {
        rows.merge(scenario, row, Row::plus);
    }

    synchronized String table() {
        var lines = new ArrayList<String>();
        lines.add(
                String.format(
                        Locale.ROOT,
                        "%-52s %5s %7s %5s %6s %14s %9s %9s %11s",
                        "scenario",
                        "runs",
                        "faults",
                        "lost",
                        "stuck",
                        "applied twice",
                        "median",
                        "worst",
                        "all ended"));
        rows.forEach((name, row) -> lines.add(row.text(name)));
        rows.values().stream().reduce(Row::plus).ifPresent(all -> lines.add(all.text("all")));
        return String.join(System.lineSeparator(), lines);
    }
}
