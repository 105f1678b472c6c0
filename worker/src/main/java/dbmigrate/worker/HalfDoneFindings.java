package dbmigrate.worker;

import dbmigrate.process.Failure;
import dbmigrate.process.ProcessConnection;
import dbmigrate.process.UnsettledMigration;
import dbmigrate.process.UnsettledMigrations;
import dbmigrate.worker.IndexCatalog.Index;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.configuration.Configuration;

/**
 * What is half-done in a database, found without changing anything.
 *
 * @param migrations those whose files stand
 * @param gone the notes of those whose files are gone and of which the history knows nothing
 * @param failedAndGone the scripts that the history calls failed, and whose files are gone
 */
record HalfDoneFindings(
        UnsettledMigrations unsettled,
        FlywayHistory history,
        IndexCatalog catalog,
        List<HalfDoneMigration> migrations,
        List<UnsettledMigration> gone,
        List<String> failedAndGone) {
    /** What a repair did about it. */
    record Repaired(Map<String, List<String>> cleared, List<String> forgotten) {}

    static HalfDoneFindings of(
            Connection connection,
            Configuration configuration,
            ProcessConnection rows,
            String database,
            MigrationInfoService info)
            throws SQLException {
        FlywayHistory history = FlywayHistory.of(connection, configuration);
        UnsettledMigrations unsettled = new UnsettledMigrations(rows, database, history.table());
        IndexCatalog catalog =
                new IndexCatalog(connection, FlywayHistory.schema(connection, configuration));
        Map<String, UnsettledMigration> notes = new HashMap<>(unsettled.read());
        List<HalfDoneMigration> found = new ArrayList<>();
        List<String> failedAndGone = new ArrayList<>();
        for (MigrationInfo migration : info.all()) {
            Optional<UnsettledMigration> note =
                    Optional.ofNullable(notes.remove(migration.getScript()));
            HalfDoneMigration halfDone =
                    new HalfDoneMigration(connection, configuration, catalog, migration, note);
            if (halfDone.isHalfDone()) {
                found.add(halfDone);
            } else if (migration.getState().isFailed() && !migration.getState().isResolved()) {
                failedAndGone.add(migration.getScript());
            }
        }
        return new HalfDoneFindings(
                unsettled,
                history,
                catalog,
                List.copyOf(found),
                List.copyOf(notes.values()),
                List.copyOf(failedAndGone));
    }

    /** The scripts of all that the history or a file knows. */
    Set<String> scripts() {
        return Stream.concat(
                        migrations.stream().map(one -> one.migration().getScript()),
                        failedAndGone.stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The scripts of those whose files are gone. */
    List<String> scriptsWithoutFile() {
        return gone.stream().map(UnsettledMigration::script).sorted().toList();
    }

    /** The scripts of those that a migration clears away and runs again by itself. */
    Set<String> runAgain() throws SQLException {
        List<String> scripts = new ArrayList<>();
        for (HalfDoneMigration halfDone : migrations) {
            if (halfDone.found() instanceof HalfDoneMigration.Found.RunsAgain) {
                scripts.add(halfDone.migration().getScript());
            }
        }
        return Set.copyOf(scripts);
    }

    /** Why a migration would end before it begins, one for each. */
    List<Failure> failures() throws SQLException {
        List<Failure> failures = new ArrayList<>();
        for (HalfDoneMigration halfDone : migrations) {
            switch (halfDone.found()) {
                case HalfDoneMigration.Found.RunsAgain _ -> {}
                case HalfDoneMigration.Found.BeingBuilt(Failure failure) -> failures.add(failure);
                case HalfDoneMigration.Found.NeedsAPerson(List<String> statements) ->
                        failures.add(
                                HalfDoneFailure.found(
                                        halfDone.migration().getScript(), statements));
            }
        }
        failedAndGone.forEach(
                script -> failures.add(HalfDoneFailure.failedAndGone(script, history.table())));
        gone.forEach(note ->
                failures.add(
                        HalfDoneFailure.gone(note.script(), unsettled.deletion(note.script()))));
        return failures;
    }

    /** Somebody builds an index that would be cleared away: nothing may be touched. */
    Optional<Failure> inTheWay() throws SQLException {
        for (HalfDoneMigration halfDone : migrations) {
            if (halfDone.found() instanceof HalfDoneMigration.Found.BeingBuilt(Failure failure)) {
                return Optional.of(failure);
            }
        }
        return Optional.empty();
    }

    /**
     * Ends it. What can be run again is cleared away, as before a migration; its note stays, since
     * the next migration has to know what stood before. Of anything else the caller says that a
     * person has undone it: its note goes, and its row in the history is Flyway's to delete.
     */
    Repaired repair() throws SQLException {
        Map<String, List<String>> cleared = new LinkedHashMap<>();
        List<String> forgotten = new ArrayList<>();
        for (HalfDoneMigration halfDone : migrations) {
            String script = halfDone.migration().getScript();
            if (halfDone.found()
                    instanceof
                    HalfDoneMigration.Found.RunsAgain(List<Index> leftovers, List<String> _)) {
                for (Index index : leftovers) {
                    catalog.drop(index);
                }
                if (!leftovers.isEmpty() || halfDone.migration().getState().isFailed()) {
                    cleared.put(script, leftovers.stream().map(Index::name).toList());
                }
            } else if (halfDone.note().isPresent()) {
                unsettled.settled(script);
                forgotten.add(script);
            }
        }
        for (String script : failedAndGone) {
            unsettled.settled(script);
        }
        for (UnsettledMigration note : gone) {
            unsettled.settled(note.script());
            forgotten.add(note.script());
        }
        return new Repaired(cleared, forgotten);
    }
}
