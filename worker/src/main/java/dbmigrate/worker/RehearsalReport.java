package dbmigrate.worker;

import dbmigrate.json.Json;
import dbmigrate.warnings.Warning;
import dbmigrate.worker.ReportEntries.Entry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What {@code rehearse} says.
 *
 * @param onCopy whether it ran in a scratch database, and not in the target
 * @param databaseExists whether the target stands
 * @param limit how long it might take; empty where nothing bounds it
 * @param notCopied what the target has and a copy has not
 * @param warnings about those that are pending, by what stands in the target
 */
record RehearsalReport(
        boolean onCopy,
        boolean databaseExists,
        Optional<Duration> limit,
        Duration took,
        List<String> notCopied,
        List<RehearsedMigration> migrations,
        List<Warning> warnings) {
    /** There are three lists. */
    private static final int LONGEST = ReportEntries.LONGEST / 3;

    RehearsalReport {
        notCopied = List.copyOf(notCopied);
        migrations = List.copyOf(migrations);
        warnings = List.copyOf(warnings);
    }

    String json() {
        List<Entry> entries =
                migrations.stream()
                        .map(one ->
                                new Entry(one.json(), one.state() == RehearsedMigration.State.RAN))
                        .toList();
        List<Entry> missing =
                notCopied.stream()
                        .map(one -> new Entry(Json.write(json -> json.writeString(one)), true))
                        .toList();
        return Json.write(json -> {
            json.writeStartObject();
            json.writeStringField("on", onCopy ? "copy" : "target");
            json.writeBooleanField("databaseExists", databaseExists);
            Json.number(json, "limitMs", limit.map(Duration::toMillis).orElse(null));
            json.writeNumberField("durationMs", took.toMillis());
            int omitted = new ReportEntries(entries, LONGEST).write(json, "rehearsed");
            omitted += new ReportEntries(missing, LONGEST).write(json, "notCopied");
            omitted += ReportEntries.of(warnings, LONGEST).write(json, "warnings");
            json.writeNumberField("omitted", omitted);
            json.writeEndObject();
        });
    }
}
