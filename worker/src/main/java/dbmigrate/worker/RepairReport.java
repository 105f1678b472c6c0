package dbmigrate.worker;

import dbmigrate.json.Json;
import dbmigrate.worker.ReportEntries.Entry;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
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
    String json(RepairResult flyway) {
        return Json.write(json -> {
            json.writeStartObject();
            int left = ReportEntries.LONGEST;
            int omitted = 0;
            for (Map.Entry<String, List<Entry>> list : lists(flyway).entrySet()) {
                ReportEntries entries = new ReportEntries(list.getValue(), left);
                omitted += entries.write(json, list.getKey());
                left -= entries.length();
            }
            json.writeNumberField("omitted", omitted);
            json.writeEndObject();
        });
    }

    /** What may be long comes last: together they have the room of one. */
    private Map<String, List<Entry>> lists(RepairResult flyway) {
        Map<String, List<Entry>> lists = new LinkedHashMap<>();
        lists.put("removed", changed(flyway.migrationsRemoved));
        lists.put(
                "cleared",
                halfDone.cleared().entrySet().stream().map(RepairReport::cleared).toList());
        lists.put(
                "forgotten",
                halfDone.forgotten().stream()
                        .map(script -> entry(Json.write(text -> text.writeString(script))))
                        .toList());
        lists.put("deleted", changed(flyway.migrationsDeleted));
        lists.put("aligned", changed(flyway.migrationsAligned));
        return lists;
    }

    private List<Entry> changed(List<RepairOutput> changed) {
        return changed.stream().map(this::changed).toList();
    }

    private Entry changed(RepairOutput output) {
        Optional<String> version =
                Optional.ofNullable(output.version).filter(text -> !text.isEmpty());
        Optional<MigrationInfo> migration = migration(version, output.description);
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

    /**
     * The one in the history: a file beside it may have the same version (a baseline's, B3), and
     * its description may be another one by now. The description of a repeatable one is its name.
     */
    private Optional<MigrationInfo> migration(Optional<String> version, String description) {
        List<MigrationInfo> ofVersion =
                Arrays.stream(before.all())
                        .filter(one -> version.equals(version(one)))
                        .sorted(Comparator.comparing(one -> one.getInstalledRank() == null))
                        .toList();
        return ofVersion.stream()
                .filter(one -> one.getDescription().equals(description))
                .findFirst()
                .or(() -> ofVersion.stream().filter(_ -> version.isPresent()).findFirst());
    }

    private static Optional<String> version(MigrationInfo migration) {
        return Optional.ofNullable(migration.getVersion()).map(MigrationVersion::getVersion);
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
