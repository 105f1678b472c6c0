package dbmigrate.worker;

import dbmigrate.worker.CatalogState.Lock;
import dbmigrate.worker.RehearsedMigration.HeldLock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which locks of a rehearsal are whose: which of its migrations took each first. */
final class HeldLocks {
    /** These hold up whoever writes, or more. */
    private static final Set<String> BLOCKING =
            Set.of("ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock");

    private final Set<String> stood;
    private final Map<Lock, String> firstTaken = new HashMap<>();

    /**
     * @param stood the keys of the objects that stood before the rehearsal
     */
    HeldLocks(Set<String> stood) {
        this.stood = Set.copyOf(stood);
    }

    /**
     * Those that it took, and those that hold up writers of a table that stood before the rehearsal
     * and that an earlier migration took: in one transaction nobody can tell whether this one takes
     * them again. Objects that a migration makes itself are nobody else's yet.
     */
    List<HeldLock> of(String script, CatalogState from, CatalogState after) {
        List<HeldLock> locks = new ArrayList<>();
        for (Lock lock : after.locks()) {
            boolean taken = !from.locks().contains(lock);
            if (taken) {
                firstTaken.put(lock, script);
            }
            boolean ofThis = taken && from.objects().containsKey(lock.relation());
            boolean ofEarlier =
                    !taken && BLOCKING.contains(lock.mode()) && stood.contains(lock.relation());
            if (ofThis || ofEarlier) {
                // What it has dropped has its name from before.
                String relation = after.relation(lock).or(() -> from.relation(lock)).orElse("");
                Optional<String> since =
                        ofEarlier ? Optional.ofNullable(firstTaken.get(lock)) : Optional.empty();
                if (!relation.isEmpty()) {
                    locks.add(new HeldLock(lock.mode(), relation, since));
                }
            }
        }
        locks.sort(Comparator.comparing(HeldLock::relation).thenComparing(HeldLock::mode));
        return List.copyOf(locks);
    }
}
