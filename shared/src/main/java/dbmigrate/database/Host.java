package dbmigrate.database;

import java.util.Locale;

/**
 * A server's name or address, in lower case, and its port.
 *
 * @param name without brackets where it is an IPv6 address
 */
public record Host(String name, int port) {
    private static final int MAX_PORT = 65_535;

    public Host {
        name = name.toLowerCase(Locale.ROOT);
        if (name.startsWith("/") || name.startsWith("@")) {
            throw new InvalidDatabaseUrlException(
                    "the host", "is a Unix-socket path, which JDBC cannot reach; give a host name");
        }
        if (name.isEmpty() || !name.codePoints().allMatch(c -> isAllowed(c))) {
            throw new InvalidDatabaseUrlException(
                    "the host",
                    "holds a character that no host name has; "
                            + InvalidDatabaseUrlException.PERCENT_ENCODE);
        }
        if (port < 1 || port > MAX_PORT) {
            throw new InvalidDatabaseUrlException("the port", "is not from 1 to " + MAX_PORT);
        }
    }

    /** Letters, digits and what names, IPv4 and IPv6 addresses with a zone are written with. */
    private static boolean isAllowed(int character) {
        return Character.isLetterOrDigit(character) || "-._:%".indexOf(character) >= 0;
    }

    /** {@code name:port}, an IPv6 address in brackets. */
    @Override
    public String toString() {
        return (name.indexOf(':') >= 0 ? "[" + name + "]" : name) + ":" + port;
    }
}
