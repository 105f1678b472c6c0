package dbmigrate.worker;

import dbmigrate.json.Json;
import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.flywaydb.core.api.CoreMigrationType;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.configuration.Configuration;

/**
 * What {@code baseline} says: which baseline stands in the history now.
 *
 * @param configuration with the version and the description that are to stand there
 */
record BaselineReport(Configuration configuration) {
    /** Why there can be none: the history is another one already. */
    Optional<Failure> refused(MigrationInfoService info, boolean historyExists) {
        if (!historyExists) {
            return Optional.empty();
        }
        boolean same = Arrays.stream(info.applied()).anyMatch(this::isSame);
        List<MigrationInfo> others =
                Arrays.stream(info.applied())
                        .filter(one -> one.getType() != CoreMigrationType.SCHEMA)
                        .filter(one -> !isSame(one))
                        .toList();
        if (others.isEmpty()) {
            return same
                    ? Optional.empty()
                    : Optional.of(
                            Failure.of(
                                            FailureCode.BASELINE_REFUSED,
                                            "the history %s stands already, without a migration or a baseline"
                                                    .formatted(configuration.getTable()))
                                    .withAction("Drop that table by hand, and POST again."));
        }
        MigrationInfo first = others.getFirst();
        String detail =
                first.getType() == CoreMigrationType.BASELINE
                        ? "the history has a baseline already: version %s, \"%s\""
                                .formatted(first.getVersion(), first.getDescription())
                        : "the history has %d migrations already, the first is %s"
                                .formatted(others.size(), first.getScript());
        return Optional.of(Failure.of(FailureCode.BASELINE_REFUSED, detail));
    }

    /** Where that baseline stands already, it is the same request once more. */
    private boolean isSame(MigrationInfo migration) {
        return migration.getType() == CoreMigrationType.BASELINE
                && configuration.getBaselineVersion().equals(migration.getVersion())
                && configuration.getBaselineDescription().equals(migration.getDescription());
    }

    /** The result, as the history has it; {@code created} is false where it stood already. */
    String json(MigrationInfoService after, boolean created) {
        MigrationInfo baseline =
                Arrays.stream(after.applied()).filter(this::isSame).findFirst().orElseThrow();
        return Json.write(json -> {
            json.writeStartObject();
            Json.member(json, "version", String.valueOf(baseline.getVersion()));
            json.writeStringField("description", baseline.getDescription());
            json.writeBooleanField("created", created);
            json.writeEndObject();
        });
    }
}
