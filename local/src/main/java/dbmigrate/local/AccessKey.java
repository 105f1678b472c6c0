package dbmigrate.local;

import java.util.Optional;

/**
 * The one key that signatures are checked against.
 *
 * @param sessionToken where it is a temporary one
 */
record AccessKey(String id, String secret, Optional<String> sessionToken) {
    /** Without what signs. */
    @Override
    public String toString() {
        return "AccessKey[" + id + "]";
    }
}
