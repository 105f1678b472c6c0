package dbmigrate.worker;

import dbmigrate.json.Json;
import dbmigrate.warnings.Warning;
import java.util.Arrays;
import java.util.Date;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;

/**
 * What {@code info} says: every migration with its state, those that are to be run with their
 * files' checksums.
 *
 * @param databaseExists whether the database stands
 * @param historyExists whether Flyway's history stands in it
 * @param warnings about those that are to be run
 * @param halfDone the scripts of which a part may stand
 * @param halfDoneWithoutFile likewise, where neither a file nor the history knows them any more
 */
record InfoReport(
        MigrationInfoService info,
        boolean databaseExists,
        boolean historyExists,
        List<Warning> warnings,
        Set<String> halfDone,
        List<String> halfDoneWithoutFile) {
    /** Those that stand for what is done, of which there may be thousands. */
    private static final Set<MigrationState> DONE =
            EnumSet.of(
                    MigrationState.SUCCESS,
                    MigrationState.SUPERSEDED,
                    MigrationState.BELOW_BASELINE,
                    MigrationState.DELETED);

    String json() {
        Map<MigrationState, Integer> counts = new EnumMap<>(MigrationState.class);
        for (MigrationInfo migration : info.all()) {
            counts.merge(migration.getState(), 1, Integer::sum);
        }
        List<ReportEntries.Entry> entries = Arrays.stream(info.all()).map(this::entry).toList();
        return Json.write(json -> {
            json.writeStartObject();
            json.writeBooleanField("databaseExists", databaseExists);
            json.writeBooleanField("historyExists", historyExists);
            json.writeObjectFieldStart("counts");
            for (Map.Entry<MigrationState, Integer> one : counts.entrySet()) {
                json.writeNumberField(one.getKey().name(), one.getValue());
            }
            json.writeEndObject();
            int omitted = new ReportEntries(entries).write(json, "migrations");
            omitted += ReportEntries.of(warnings, ReportEntries.LONGEST).write(json, "warnings");
            json.writeArrayFieldStart("halfDoneWithoutFile");
            for (String script : halfDoneWithoutFile) {
                json.writeString(script);
            }
            json.writeEndArray();
            json.writeNumberField("omitted", omitted);
            json.writeEndObject();
        });
    }

    private ReportEntries.Entry entry(MigrationInfo migration) {
        Optional<Integer> now = AppliedMigrations.resolvedChecksum(migration);
        Optional<Integer> applied = AppliedMigrations.appliedChecksum(migration);
        boolean changed = now.isPresent() && applied.isPresent() && !now.equals(applied);
        boolean isHalfDone = halfDone.contains(migration.getScript());
        String text =
                Json.write(json -> {
                    json.writeStartObject();
                    MigrationVersion version = migration.getVersion();
                    Json.member(json, "version", version == null ? null : version.getVersion());
                    Json.member(json, "description", migration.getDescription());
                    Json.member(json, "script", migration.getScript());
                    json.writeStringField("type", migration.getType().name());
                    json.writeStringField("state", migration.getState().name());
                    Json.number(json, "checksum", now.orElse(null));
                    Json.number(json, "appliedChecksum", applied.orElse(null));
                    Date installed = migration.getInstalledOn();
                    Json.time(
                            json, "installedAt", installed == null ? null : installed.toInstant());
                    Json.number(json, "durationMs", migration.getExecutionTime());
                    json.writeBooleanField("halfDone", isHalfDone);
                    json.writeEndObject();
                });
        return new ReportEntries.Entry(
                text, DONE.contains(migration.getState()) && !changed && !isHalfDone);
    }
}
