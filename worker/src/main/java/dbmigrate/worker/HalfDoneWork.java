package dbmigrate.worker;

import dbmigrate.database.Identifier;
import dbmigrate.process.Attempts;
import dbmigrate.process.Claim;
import dbmigrate.process.Failure;
import dbmigrate.process.HalfDone;
import dbmigrate.process.HalfDoneNotes;
import dbmigrate.worker.IndexCatalog.Index;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.configuration.Configuration;

/**
 * Clears away what a migration without a transaction left when it was cut off, so that it can run
 * again.
 *
 * <ol>
 *   <li>Such a migration is one that an earlier attempt began and the history does not call
 *       applied, or one that the history calls failed.
 *   <li>Unless each of its statements is CREATE or DROP INDEX CONCURRENTLY, REINDEX, VACUUM or
 *       ANALYZE, running it again could apply something twice: a person has to look, and nothing is
 *       touched.
 *   <li>Of the indexes that it names, the INVALID ones are dropped, and the valid ones that it
 *       creates and that were not there when it began: the server may finish an index whose client
 *       is gone.
 *   <li>A DROP whose index was there and is gone has done its work; it is passed over once.
 *   <li>The failed row of the history is deleted, and Flyway runs the migration as if for the first
 *       time.
 * </ol>
 */
final class HalfDoneWork {
    private final Connection connection;
    private final Configuration configuration;
    private final Attempts attempts;
    private final Claim.Claimed claimed;
    private final SingleConnection single;
    private final IndexCatalog catalog;

    /** What was found. */
    sealed interface Clearing {
        /** Nothing was half-done. */
        record Nothing() implements Clearing {}

        /** It was cleared away. */
        record Cleared() implements Clearing {}

        /** Nobody can be sure; nothing was touched. */
        record Unclear(Failure failure) implements Clearing {}
    }

    HalfDoneWork(
            Connection connection,
            Configuration configuration,
            Attempts attempts,
            Claim.Claimed claimed,
            SingleConnection single)
            throws SQLException {
        this.connection = connection;
        this.configuration = configuration;
        this.attempts = attempts;
        this.claimed = claimed;
        this.single = single;
        this.catalog = new IndexCatalog(connection, schema(connection, configuration));
    }

    /** What stands of a script's indexes now, to be noted before it begins. */
    static HalfDone before(Connection connection, Configuration configuration, IndexScript script)
            throws SQLException {
        IndexCatalog catalog = new IndexCatalog(connection, schema(connection, configuration));
        Set<String> indexes = new HashSet<>();
        for (IndexStatement statement : script.known()) {
            catalog.named(statement).stream().map(Index::quoted).forEach(indexes::add);
        }
        return new HalfDone(script.script(), indexes);
    }

    /** Clears away what is half-done. */
    Clearing clear(MigrationInfoService info) throws SQLException {
        List<MigrationInfo> halfDone =
                Stream.of(info.all())
                        // First what is cheap: to know the other, Flyway parses the script.
                        .filter(this::isHalfDone)
                        .filter(IndexScript::isNonTransactional)
                        .toList();
        for (MigrationInfo migration : halfDone) {
            Optional<Failure> unclear = clear(migration);
            if (unclear.isPresent()) {
                return new Clearing.Unclear(unclear.get());
            }
        }
        return halfDone.isEmpty() ? new Clearing.Nothing() : new Clearing.Cleared();
    }

    private boolean isHalfDone(MigrationInfo migration) {
        boolean begun = claimed.unsettled().filter(migration.getScript()::equals).isPresent();
        return migration.getState().isFailed() || (begun && !migration.getState().isApplied());
    }

    private Optional<Failure> clear(MigrationInfo migration) throws SQLException {
        IndexScript script;
        try {
            script = IndexScript.read(migration, configuration);
        } catch (FlywayException e) {
            return Optional.of(Failures.halfDone(migration.getScript(), List.of()));
        }
        if (!script.runsAgain()) {
            return Optional.of(Failures.halfDone(script.script(), script.statements()));
        }
        Optional<HalfDone> before =
                new HalfDoneNotes(attempts.rows())
                        .read(claimed.request().database(), script.script());
        List<Index> leftovers = new ArrayList<>();
        List<String> done = new ArrayList<>();
        for (IndexStatement statement : script.known()) {
            List<Index> standing = catalog.named(statement);
            for (Index index : standing) {
                boolean made = statement instanceof IndexStatement.Create;
                if (index.valid() && made && before.isEmpty()) {
                    return Optional.of(Failures.halfDone(script.script(), script.statements()));
                }
                boolean unrecorded =
                        made && before.filter(b -> b.indexes().contains(index.quoted())).isEmpty();
                if (!index.valid() || unrecorded) {
                    leftovers.add(index);
                }
            }
            if (statement instanceof IndexStatement.Drop(String sql, String _)
                    && standing.isEmpty()
                    && before.isPresent()) {
                done.add(sql);
            }
        }
        for (Index index : leftovers) {
            catalog.drop(index);
        }
        single.passOver(done);
        forgetFailure(migration);
        return Optional.empty();
    }

    private void forgetFailure(MigrationInfo migration) throws SQLException {
        Integer rank = migration.getInstalledRank();
        if (rank == null) {
            return;
        }
        String history =
                Identifier.quote(schema(connection, configuration))
                        + "."
                        + Identifier.quote(configuration.getTable());
        try (PreparedStatement delete =
                connection.prepareStatement(
                        "delete from " + history + " where installed_rank = ? and not success")) {
            delete.setInt(1, rank);
            delete.executeUpdate();
        }
    }

    /** Where Flyway works: its default schema, else the session's. */
    private static String schema(Connection connection, Configuration configuration)
            throws SQLException {
        String schema = configuration.getDefaultSchema();
        if (schema != null) {
            return schema;
        }
        return configuration.getSchemas().length > 0
                ? configuration.getSchemas()[0]
                : String.valueOf(connection.getSchema());
    }
}
