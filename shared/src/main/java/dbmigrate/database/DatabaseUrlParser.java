package dbmigrate.database;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes a database URL apart as libpq's {@code conninfo_uri_parse_options} does:
 *
 * <ol>
 *   <li>An {@code @} before the first slash ends {@code user:password}; the first colon parts them.
 *       (In a JDBC URL the question mark comes first: pgjdbc cuts the parameters off before it
 *       looks.)
 *   <li>Up to the next slash or question mark stand hosts with ports, separated by commas.
 *   <li>Up to the next question mark stands the database's name.
 *   <li>The rest are parameters, which override what stands before.
 * </ol>
 *
 * What libpq would take for a part of a host's or database's name, but is far more likely the rest
 * of a password that was not percent-encoded, is refused: a second {@code @}, a slash or a {@code
 * #}.
 */
final class DatabaseUrlParser {
    private final boolean isJdbc;
    private final PercentDecoder decoder;
    private final UrlParameters parameters;

    private DatabaseUrlParser(boolean isJdbc) {
        this.isJdbc = isJdbc;
        this.decoder = new PercentDecoder(isJdbc);
        this.parameters = new UrlParameters(isJdbc);
    }

    /**
     * Reads a URL.
     *
     * @param instead of its user and password
     */
    static DatabaseUrl parse(String url, Optional<Credentials> instead) {
        String text = url.strip();
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new InvalidDatabaseUrlException(
                    "the URL", "holds a line break or another control character");
        }
        UrlScheme scheme =
                UrlScheme.of(text)
                        .orElseThrow(() ->
                                new InvalidDatabaseUrlException(
                                        "the scheme",
                                        "is not postgresql://, postgres:// or"
                                                + " jdbc:postgresql://"));
        return new DatabaseUrlParser(scheme.isJdbc())
                .read(text.substring(scheme.length()))
                .toUrl(instead);
    }

    private UrlParameters read(String text) {
        String rest = isJdbc ? afterSlashes(text) : text;
        int at = endOf(rest, isJdbc ? "@/?" : "@/");
        if (at < rest.length() && rest.charAt(at) == '@') {
            credentials(rest.substring(0, at));
            rest = rest.substring(at + 1);
        }
        int endOfHosts = endOf(rest, "/?");
        int endOfPath = endOf(rest, "?");
        database(rest.substring(Math.min(endOfHosts + 1, endOfPath), endOfPath));
        hosts(rest.substring(0, endOfHosts));
        query(rest.substring(Math.min(endOfPath + 1, rest.length())));
        return parameters;
    }

    /** {@code jdbc:postgresql:name} is a database of the local server. */
    private static String afterSlashes(String text) {
        if (text.startsWith("//")) {
            return text.substring(2);
        }
        if (text.startsWith("/")) {
            throw new InvalidDatabaseUrlException(
                    "the scheme", "lacks a slash; write jdbc:postgresql://host:port/database");
        }
        return "/" + text;
    }

    private static int endOf(String text, String terminators) {
        int end = 0;
        while (end < text.length() && terminators.indexOf(text.charAt(end)) < 0) {
            end++;
        }
        return end;
    }

    /**
     * A plus sign stands for itself here even after {@code jdbc:}, whose grammar has no such part.
     */
    private void credentials(String text) {
        PercentDecoder literal = new PercentDecoder(false);
        int colon = endOf(text, ":");
        parameters.set("user", literal.decode("the user", text.substring(0, colon)));
        if (colon < text.length()) {
            String password = text.substring(colon + 1);
            parameters.set("password", literal.decode("the password", password));
        }
    }

    private void database(String text) {
        if (endOf(text, "@/#") < text.length()) {
            throw new InvalidDatabaseUrlException(
                    "the database's name",
                    "holds @ / or #; "
                            + InvalidDatabaseUrlException.PERCENT_ENCODE
                            + " and in names");
        }
        if (!text.isEmpty()) {
            parameters.set("dbname", decoder.decode("the database's name", text));
        }
    }

    private void hosts(String text) {
        if (text.indexOf('@') >= 0) {
            throw new InvalidDatabaseUrlException(
                    "the URL",
                    "holds a second @ before the host; "
                            + InvalidDatabaseUrlException.PERCENT_ENCODE);
        }
        List<String> names = new ArrayList<>();
        List<String> ports = new ArrayList<>();
        for (String entry : text.split(",", -1)) {
            int endOfName = entry.startsWith("[") ? endOfAddress(entry) : endOf(entry, ":");
            names.add(entry.substring(0, endOfName));
            ports.add(entry.substring(Math.min(endOfName + 1, entry.length())));
        }
        set("host", String.join(",", names));
        set("port", String.join(",", ports));
    }

    private static int endOfAddress(String entry) {
        int end = entry.indexOf(']') + 1;
        if (end == 0 || end < entry.length() && entry.charAt(end) != ':') {
            throw new InvalidDatabaseUrlException(
                    "the host", "is an IPv6 address that does not end with ] and then its port");
        }
        return end;
    }

    private void set(String name, String text) {
        if (!text.isEmpty()) {
            parameters.set(name, decoder.decode("the " + name, text));
        }
    }

    private void query(String text) {
        for (String parameter : text.split("&")) {
            int equals = endOf(parameter, "=");
            if (!isJdbc && equals == parameter.length() && !parameter.isEmpty()) {
                throw new InvalidDatabaseUrlException(
                        "a parameter after the ?",
                        "has no =; " + InvalidDatabaseUrlException.PERCENT_ENCODE);
            }
            if (!parameter.isEmpty()) {
                // pgjdbc does not decode the names.
                String rawName = parameter.substring(0, equals);
                String name = isJdbc ? rawName : decoder.decode("a parameter's name", rawName);
                String value = parameter.substring(Math.min(equals + 1, parameter.length()));
                parameters.set(name, decoder.decode("a parameter's value", value), parameter);
            }
        }
    }
}
