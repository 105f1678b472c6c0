package dbmigrate.database;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The role that owns what db-migrate makes, whichever user logs in: each session is that role from
 * its first statement on.
 *
 * @param name as PostgreSQL keeps it, without quotes
 */
public record OwnerRole(String name) {
    /** NAMEDATALEN - 1: the server would cut a longer name short and take another role. */
    private static final int MAX_NAME_BYTES = 63;

    /**
     * @throws IllegalArgumentException that says what such a name looks like
     */
    public OwnerRole {
        String lower = name.toLowerCase(Locale.ROOT);
        if (name.isEmpty()
                || name.indexOf('\0') >= 0
                || !StandardCharsets.UTF_8.newEncoder().canEncode(name)
                || name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            throw new IllegalArgumentException(
                    "must be the name of a role, of %d bytes at the most"
                            .formatted(MAX_NAME_BYTES));
        }
        if (name.indexOf('\'') >= 0) {
            throw new IllegalArgumentException(
                    "must hold no apostrophe: Flyway does not quote one when it goes back to the role");
        }
        if (lower.startsWith("pg_") || lower.equals("none") || lower.equals("public")) {
            throw new IllegalArgumentException(
                    "must be the name of a role of your own; PostgreSQL keeps that one for itself");
        }
    }

    /** The name as a quoted identifier. */
    public String quoted() {
        return Identifier.quote(name);
    }

    /**
     * As an argument for the server, for {@code options}. A role that is given so is what RESET
     * ROLE and DISCARD ALL go back to; one that is set later is not.
     */
    String option() {
        return "-c role=" + name.replaceAll("[\\s\\\\]", "\\\\$0");
    }

    @Override
    public String toString() {
        return name;
    }
}
