package dbmigrate.worker;

import dbmigrate.process.Failure;
import dbmigrate.process.UnsettledMigration;
import dbmigrate.worker.IndexCatalog.Index;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.configuration.Configuration;

/**
 * A migration of which a part may stand, and what is to be done about it. Looking changes nothing.
 *
 * @param note what was noted before it began; empty where only the history knows of it
 */
record HalfDoneMigration(
        Connection connection,
        Configuration configuration,
        IndexCatalog catalog,
        MigrationInfo migration,
        Optional<UnsettledMigration> note) {
    /** What a look at it says. */
    sealed interface Found {
        /**
         * It runs again, when this is cleared away.
         *
         * @param leftovers the indexes to be dropped
         * @param done the statements of DROPs that have done their work
         */
        record RunsAgain(List<Index> leftovers, List<String> done) implements Found {}

        /** Running it again could apply something twice. */
        record NeedsAPerson(List<String> statements) implements Found {}

        /** Somebody else is building one of its indexes. */
        record BeingBuilt(Failure failure) implements Found {}
    }

    /** Whether it did not end, and no roll-back undoes it. */
    boolean isHalfDone() {
        return migration.getState().isResolved()
                && !AppliedMigrations.isApplied(migration)
                && (note.isPresent()
                        || (migration.getState().isFailed()
                                && MigrationScript.isNonTransactional(migration)));
    }

    Found found() throws SQLException {
        MigrationScript script;
        try {
            script = MigrationScript.read(migration, configuration, connection);
        } catch (FlywayException e) {
            return new Found.NeedsAPerson(List.of());
        }
        // Without a note it is known only of the text that failed, which may be another by now.
        boolean runsAgain =
                note.map(UnsettledMigration::runsAgain)
                        .orElseGet(() -> isUnchanged() && script.runsAgain());
        if (!runsAgain) {
            return new Found.NeedsAPerson(script.statements());
        }
        List<String> done = new ArrayList<>();
        Optional<List<Index>> leftovers = new Leftovers(catalog, note).of(script, done);
        if (leftovers.isEmpty()) {
            return new Found.NeedsAPerson(script.statements());
        }
        for (Index index : leftovers.get()) {
            Optional<Integer> builder = catalog.builder(index);
            if (builder.isPresent()) {
                return new Found.BeingBuilt(
                        HalfDoneFailure.beingBuilt(
                                migration.getScript(), index.name(), builder.get()));
            }
        }
        return new Found.RunsAgain(leftovers.get(), done);
    }

    private boolean isUnchanged() {
        return AppliedMigrations.resolvedChecksum(migration)
                .equals(AppliedMigrations.appliedChecksum(migration));
    }
}
