package dbmigrate.worker;

import dbmigrate.process.Attempt;
import dbmigrate.process.Failure;
import dbmigrate.process.ProcessConnection;
import dbmigrate.process.UnsettledMigration;
import dbmigrate.process.UnsettledMigrations;
import dbmigrate.worker.IndexCatalog.Index;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.configuration.Configuration;

/**
 * What a migration that no roll-back undoes left when it was cut off: noted before it begins, and
 * cleared away before it runs again.
 *
 * <ol>
 *   <li>Before it begins, the indexes that it names are noted, and which of them stand. The note
 *       outlives attempt and process; it goes when the history calls the migration applied.
 *   <li>Half-done is what has a note and is not applied, or what the history calls failed.
 *   <li>Unless each of its statements is CREATE or DROP INDEX CONCURRENTLY, REINDEX, VACUUM or
 *       ANALYZE, running it again could apply something twice. It then stands in the history as
 *       failed, as Flyway itself writes it, until a person has looked; nothing else is touched.
 *   <li>Of the indexes that it names, the INVALID ones are dropped, and the valid ones that it
 *       makes and that did not stand before: the server may finish an index whose client is gone.
 *       Where an attempt ended by itself it noted what it left; what came later is not ours. One
 *       that somebody is building at this moment is not, either.
 *   <li>A DROP whose index stood before and is gone has done its work; it is passed over once.
 *   <li>The failed row of the history is deleted, and Flyway runs the migration as if for the first
 *       time.
 * </ol>
 */
final class HalfDoneWork {
    private final Connection connection;
    private final Configuration configuration;
    private final FlywayHistory history;
    private final UnsettledMigrations unsettled;
    private final IndexCatalog catalog;

    HalfDoneWork(
            Connection connection,
            Configuration configuration,
            ProcessConnection rows,
            String database)
            throws SQLException {
        this.connection = connection;
        this.configuration = configuration;
        this.history = FlywayHistory.of(connection, configuration);
        this.unsettled = new UnsettledMigrations(rows, database, history.table());
        this.catalog =
                new IndexCatalog(connection, FlywayHistory.schema(connection, configuration));
    }

    /**
     * Notes a migration before it begins.
     *
     * @return false when the attempt was superseded
     */
    boolean begin(Attempt attempt, MigrationInfo migration, MigrationScript script)
            throws SQLException {
        Set<String> made = new HashSet<>();
        Set<String> dropped = new HashSet<>();
        if (script.runsAgain()) {
            for (IndexStatement statement : script.known()) {
                switch (statement) {
                    case IndexStatement.Create create ->
                            catalog.nameOf(create).ifPresent(made::add);
                    case IndexStatement.Drop drop -> catalog.nameOf(drop).ifPresent(dropped::add);
                    case IndexStatement.Reindex _, IndexStatement.Harmless _ -> {}
                }
            }
        }
        Set<String> standing = new HashSet<>();
        for (String name : Leftovers.union(made, dropped)) {
            catalog.find(name).map(Index::name).ifPresent(standing::add);
        }
        return unsettled.begin(
                attempt,
                new UnsettledMigration(
                        script.script(),
                        AppliedMigrations.resolvedChecksum(migration),
                        script.runsAgain(),
                        made,
                        dropped,
                        standing,
                        catalog.copies().stream().map(Index::oid).collect(Collectors.toSet()),
                        Optional.empty()));
    }

    /** A migration is applied, or was rolled back as a whole. */
    void settled(String script) throws SQLException {
        unsettled.settled(script);
    }

    /** None of its statements was run, though Flyway may have called it failed. */
    void neverBegan(MigrationInfoService info, String script) throws SQLException {
        for (MigrationInfo migration : info.all()) {
            if (migration.getScript().equals(script)) {
                forgetFailure(migration);
            }
        }
        unsettled.settled(script);
    }

    private void forgetFailure(MigrationInfo migration) throws SQLException {
        if (migration.getState().isFailed()) {
            history.forgetFailure(Objects.requireNonNull(migration.getInstalledRank()));
        }
    }

    /**
     * A migration has failed while its attempt lived: what stands of it now is what it left. One
     * that cannot be run again stands in the history as failed from now on.
     *
     * @param cutOff whether the attempt itself ended it; then the next one judges it
     * @return the history, where it has the migration as failed
     */
    Optional<String> failed(MigrationInfoService info, String script, boolean cutOff)
            throws SQLException {
        UnsettledMigration note = unsettled.read().get(script);
        if (note == null) {
            return Optional.empty();
        }
        if (!note.runsAgain() && !cutOff) {
            for (MigrationInfo migration : info.all()) {
                if (migration.getState().isResolved() && migration.getScript().equals(script)) {
                    mark(migration, Optional.of(note));
                    return Optional.of(history.table());
                }
            }
        }
        Set<Long> remained = new HashSet<>();
        for (String name : Leftovers.union(note.made(), note.dropped())) {
            catalog.find(name).map(Index::oid).ifPresent(remained::add);
        }
        unsettled.remained(script, remained);
        return Optional.empty();
    }

    /** Clears away what is half-done. */
    Clearing clear(MigrationInfoService info) throws SQLException {
        Map<String, UnsettledMigration> known = unsettled.read();
        List<String> done = new ArrayList<>();
        boolean cleared = false;
        for (MigrationInfo migration : info.all()) {
            Optional<UnsettledMigration> note =
                    Optional.ofNullable(known.get(migration.getScript()));
            if (note.isPresent() && AppliedMigrations.isApplied(migration)) {
                unsettled.settled(migration.getScript());
            } else if (halfDone(migration, note).isHalfDone()) {
                Optional<Failure> unclear = clear(halfDone(migration, note), done);
                if (unclear.isPresent()) {
                    return new Clearing.Unclear(unclear.get());
                }
                cleared = true;
            } else if (migration.getState().isFailed() && !migration.getState().isResolved()) {
                // Flyway passes over it where nothing else is to be run.
                unsettled.settled(migration.getScript());
                return new Clearing.Unclear(
                        HalfDoneFailure.failedAndGone(migration.getScript(), history.table()));
            }
        }
        for (UnsettledMigration note : known.values()) {
            if (Stream.of(info.all()).noneMatch(one -> one.getScript().equals(note.script()))) {
                return new Clearing.Unclear(
                        HalfDoneFailure.gone(note.script(), unsettled.deletion(note.script())));
            }
        }
        return cleared ? new Clearing.Cleared(done) : new Clearing.Nothing();
    }

    private Optional<Failure> clear(HalfDoneMigration halfDone, List<String> done)
            throws SQLException {
        switch (halfDone.found()) {
            case HalfDoneMigration.Found.RunsAgain(List<Index> leftovers, List<String> dropped) -> {
                drop(halfDone, leftovers);
                done.addAll(dropped);
                return Optional.empty();
            }
            case HalfDoneMigration.Found.BeingBuilt(Failure failure) -> {
                return Optional.of(failure);
            }
            case HalfDoneMigration.Found.NeedsAPerson(List<String> statements) -> {
                mark(halfDone.migration(), halfDone.note());
                return Optional.of(
                        HalfDoneFailure.of(
                                halfDone.migration().getScript(), statements, history.table()));
            }
        }
    }

    private void drop(HalfDoneMigration halfDone, List<Index> leftovers) throws SQLException {
        for (Index index : leftovers) {
            catalog.drop(index);
        }
        forgetFailure(halfDone.migration());
    }

    /** It stands in the history, where Flyway and a person look; the note has done its work. */
    private void mark(MigrationInfo migration, Optional<UnsettledMigration> note)
            throws SQLException {
        if (!migration.getState().isFailed()) {
            history.fail(migration, note.flatMap(UnsettledMigration::checksum));
        }
        unsettled.settled(migration.getScript());
    }

    private HalfDoneMigration halfDone(MigrationInfo migration, Optional<UnsettledMigration> note) {
        return new HalfDoneMigration(connection, configuration, catalog, migration, note);
    }
}
