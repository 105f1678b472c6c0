package dbmigrate.worker;

import java.util.Arrays;
import java.util.Optional;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.internal.info.MigrationInfoImpl;

/** What the history says of a migration. */
final class AppliedMigrations {
    private AppliedMigrations() {}

    /** The migration of this script, when the history calls its present form applied. */
    static Optional<MigrationInfo> find(MigrationInfoService info, String script) {
        return Arrays.stream(info.applied())
                .filter(one -> one.getScript().equals(script))
                .filter(AppliedMigrations::isApplied)
                .findFirst();
    }

    /** Whether the history calls a migration applied, and in its present form. */
    static boolean isApplied(MigrationInfo migration) {
        MigrationState state = migration.getState();
        return state.isApplied()
                && !state.isFailed()
                // A repeatable one whose file has changed since.
                && state != MigrationState.OUTDATED
                && state != MigrationState.SUPERSEDED;
    }

    /** The checksum of the file. */
    static Optional<Integer> resolvedChecksum(MigrationInfo migration) {
        return Optional.ofNullable(((MigrationInfoImpl) migration).getResolvedChecksum());
    }

    /** The checksum in the history. */
    static Optional<Integer> appliedChecksum(MigrationInfo migration) {
        return Optional.ofNullable(((MigrationInfoImpl) migration).getAppliedChecksum());
    }
}
