package dbmigrate.process;

import java.util.Set;

/**
 * What stood before a migration that cannot run in a transaction began.
 *
 * @param script the migration's file
 * @param indexes of the indexes that the script names those that were there, as {@code schema.name}
 */
public record HalfDone(String script, Set<String> indexes) {
    public HalfDone {
        indexes = Set.copyOf(indexes);
    }
}
