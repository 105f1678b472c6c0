package dbmigrate.process;

import java.util.Optional;
import java.util.Set;

/**
 * What is known of a migration that no roll-back undoes, from before it begins until the history
 * calls it applied.
 *
 * @param script the migration's file
 * @param checksum Flyway's, of the text that began
 * @param runsAgain whether each of its statements can be run again after it was cut off
 * @param made the indexes that it makes, as {@code "schema"."name"}
 * @param dropped the indexes that it drops
 * @param standing those of both that stood when it first began
 * @param copies the oids of the INVALID copies that a REINDEX of somebody had left by then
 * @param remained the oids of its indexes that stood when an attempt at it ended by itself; empty
 *     where an attempt is at work, or died
 */
public record UnsettledMigration(
        String script,
        Optional<Integer> checksum,
        boolean runsAgain,
        Set<String> made,
        Set<String> dropped,
        Set<String> standing,
        Set<Long> copies,
        Optional<Set<Long>> remained) {
    public UnsettledMigration {
        made = Set.copyOf(made);
        dropped = Set.copyOf(dropped);
        standing = Set.copyOf(standing);
        copies = Set.copyOf(copies);
        remained = remained.map(Set::copyOf);
    }
}
