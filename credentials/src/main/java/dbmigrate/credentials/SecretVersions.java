package dbmigrate.credentials;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which versions a secret has.
 *
 * @param arn the secret
 * @param isOurs whether its description says that this function made it
 * @param isMarked whether it is marked for deletion, and gives nobody a value until it is restored
 * @param stages the labels of each version, by its id; none for a version that was replaced
 */
record SecretVersions(
        String arn, boolean isOurs, boolean isMarked, Map<String, List<String>> stages) {
    static final String CURRENT = "AWSCURRENT";
    static final String PENDING = "AWSPENDING";

    SecretVersions {
        stages = Map.copyOf(stages);
    }

    /** The id of the version with this label. */
    Optional<String> labelled(String stage) {
        return stages.entrySet().stream()
                .filter(version -> version.getValue().contains(stage))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** The version that is current. */
    Optional<String> current() {
        return labelled(CURRENT);
    }

    /** The version that is pending and not current, too, as a rotation's last step leaves it. */
    Optional<String> pendingAlone() {
        return labelled(PENDING).filter(id -> !current().equals(Optional.of(id)));
    }

    /** Whether it is current, and pending no longer. */
    boolean isCurrentAlone(String id) {
        return current().equals(Optional.of(id)) && !labelled(PENDING).equals(Optional.of(id));
    }

    /** Whether there is such a version. */
    boolean has(String id) {
        return stages.containsKey(id);
    }

    /**
     * Whether such a version is not to be made: it exists and is no longer pending. It was proved,
     * or it failed and another one was tried since. (The first version of a secret is current at
     * once, whatever it was written as.)
     */
    boolean isSettled(String id) {
        return has(id) && !stages.getOrDefault(id, List.of()).contains(PENDING);
    }
}
