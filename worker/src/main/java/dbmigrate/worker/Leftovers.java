package dbmigrate.worker;

import dbmigrate.process.UnsettledMigration;
import dbmigrate.worker.IndexCatalog.Index;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The indexes that a migration left when it was cut off, each of whose statements can be run again.
 *
 * @param note what was noted before it began; empty where only the history knows of it
 */
record Leftovers(IndexCatalog catalog, Optional<UnsettledMigration> note) {
    /**
     * Finds what is to be dropped before the migration runs again.
     *
     * @param done takes the statements of DROPs that have done their work
     * @return empty where nobody can be sure whose an index is
     */
    Optional<List<Index>> of(MigrationScript script, List<String> done) throws SQLException {
        List<Index> leftovers = new ArrayList<>();
        Set<String> dropsItself = new HashSet<>();
        Set<String> makes = new HashSet<>(note.map(UnsettledMigration::made).orElse(Set.of()));
        for (IndexStatement statement : script.known()) {
            switch (statement) {
                case IndexStatement.Create create -> catalog.nameOf(create).ifPresent(makes::add);
                case IndexStatement.Drop drop -> {
                    Optional<String> name = catalog.nameOf(drop);
                    name.ifPresent(dropsItself::add);
                    if (name.isPresent() && hasDropped(name.get())) {
                        done.add(drop.sql());
                    }
                }
                case IndexStatement.Reindex reindex ->
                        catalog.copies(reindex).stream()
                                .filter(copy -> !wasThere(copy))
                                .forEach(leftovers::add);
                case IndexStatement.Harmless _ -> {}
            }
        }
        for (String name : union(makes, note.map(UnsettledMigration::dropped).orElse(Set.of()))) {
            Optional<Index> index = catalog.find(name);
            if (index.isEmpty() || dropsItself.contains(name)) {
                continue;
            }
            if (note.isEmpty() && index.get().valid()) {
                return Optional.empty();
            }
            if (!index.get().valid() || isOurs(note.orElseThrow(), index.get())) {
                leftovers.add(index.get());
            }
        }
        return Optional.of(leftovers);
    }

    private boolean hasDropped(String name) throws SQLException {
        return note.isPresent()
                && note.get().dropped().contains(name)
                && note.get().standing().contains(name)
                && catalog.find(name).isEmpty();
    }

    private static boolean isOurs(UnsettledMigration note, Index index) {
        return note.made().contains(index.name())
                && !note.standing().contains(index.name())
                && note.remained().map(oids -> oids.contains(index.oid())).orElse(true);
    }

    private boolean wasThere(Index copy) {
        return note.isPresent() && note.get().copies().contains(copy.oid());
    }

    static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> both = new HashSet<>(one);
        both.addAll(other);
        return both;
    }
}
