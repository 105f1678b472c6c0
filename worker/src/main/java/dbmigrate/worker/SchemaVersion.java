package dbmigrate.worker;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.flywaydb.core.api.CoreMigrationType;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.output.MigrateResult;

/** The version at which a schema stands: the newest one that is applied. */
final class SchemaVersion {
    private SchemaVersion() {}

    /** By the history. Flyway's own current one may have failed. */
    static Optional<MigrationVersion> of(MigrationInfoService info) {
        return Arrays.stream(info.applied())
                .filter(one -> !one.getState().isFailed())
                .filter(one -> one.getState() != MigrationState.DELETED)
                .filter(one -> one.getType() != CoreMigrationType.DELETE)
                .flatMap(one -> Stream.ofNullable(one.getVersion()))
                .max(MigrationVersion::compareTo);
    }

    /** Behind a run. Out of order, the last one that ran is not the newest. */
    static Optional<MigrationVersion> after(
            Optional<MigrationVersion> before, List<MigrateResult> results) {
        Stream<MigrationVersion> ran =
                results.stream()
                        .flatMap(result -> result.migrations.stream())
                        .map(migration -> migration.version)
                        .filter(version -> version != null && !version.isEmpty())
                        .map(MigrationVersion::fromVersion);
        return Stream.concat(before.stream(), ran).max(MigrationVersion::compareTo);
    }
}
