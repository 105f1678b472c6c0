package dbmigrate.worker;

import com.fasterxml.jackson.core.JsonGenerator;
import dbmigrate.json.Json;
import dbmigrate.worker.ReportEntries.Entry;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.output.RepairOutput;
import org.flywaydb.core.api.output.RepairResult;

/**
 * What {@code repair} says: everything that it changed.
 *
 * @param before as it was before
 * @param halfDone what was done about half-done migrations
 */
record RepairReport(MigrationInfoService before, HalfDoneFindings.Repaired halfDone) {
    /** There are five lists. */
    private static final int LONGEST = ReportEntries.LONGEST / 5;

    String json(RepairResult flyway) {
        return Json.write(json -> {
            json.writeStartObject();
            int omitted = write(json, "removed", flyway.migrationsRemoved);
            omitted += write(json, "deleted", flyway.migrationsDeleted);
            omitted += write(json, "aligned", flyway.migrationsAligned);
            List<Entry> cleared =
                    halfDone.cleared().entrySet().stream().map(RepairReport::cleared).toList();
            omitted += new ReportEntries(cleared, LONGEST).write(json, "cleared");
            List<Entry> forgotten =
                    halfDone.forgotten().stream()
                            .map(script -> entry(Json.write(text -> text.writeString(script))))
                            .toList();
            omitted += new ReportEntries(forgotten, LONGEST).write(json, "forgotten");
            json.writeNumberField("omitted", omitted);
            json.writeEndObject();
        });
    }

    private int write(JsonGenerator json, String name, List<RepairOutput> changed)
            throws IOException {
        return new ReportEntries(changed.stream().map(this::changed).toList(), LONGEST)
                .write(json, name);
    }

    private Entry changed(RepairOutput output) {
        Optional<String> version =
                Optional.ofNullable(output.version).filter(text -> !text.isEmpty());
        Optional<MigrationInfo> migration =
                Arrays.stream(before.all())
                        .filter(one -> isOf(version, output.description, one))
                        .findFirst();
        return entry(
                Json.write(json -> {
                    json.writeStartObject();
                    Json.member(json, "version", version.orElse(null));
                    Json.member(json, "description", output.description);
                    Json.member(
                            json, "script", migration.map(MigrationInfo::getScript).orElse(null));
                    Json.number(
                            json,
                            "checksum",
                            migration.flatMap(AppliedMigrations::resolvedChecksum).orElse(null));
                    Json.number(
                            json,
                            "appliedChecksum",
                            migration.flatMap(AppliedMigrations::appliedChecksum).orElse(null));
                    json.writeEndObject();
                }));
    }

    /** A version is enough; the description of a repeatable one is its name. */
    private static boolean isOf(
            Optional<String> version, String description, MigrationInfo migration) {
        Optional<String> known =
                Optional.ofNullable(migration.getVersion()).map(MigrationVersion::getVersion);
        return version.equals(known)
                && (known.isPresent() || migration.getDescription().equals(description));
    }

    private static Entry cleared(Map.Entry<String, List<String>> one) {
        return entry(
                Json.write(json -> {
                    json.writeStartObject();
                    json.writeStringField("script", one.getKey());
                    json.writeArrayFieldStart("indexes");
                    for (String index : one.getValue()) {
                        json.writeString(index);
                    }
                    json.writeEndArray();
                    json.writeEndObject();
                }));
    }

    private static Entry entry(String json) {
        return new Entry(json, false);
    }
}
