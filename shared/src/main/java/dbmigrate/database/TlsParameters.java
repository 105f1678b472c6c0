package dbmigrate.database;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What libpq, pgjdbc, Prisma and the Node and Python drivers say about TLS, as properties of
 * pgjdbc. Where two parameters say different things the stricter one holds.
 *
 * <ol>
 *   <li>{@code sslmode} stands before {@code ssl} and {@code requiressl}, which stand in for it.
 *   <li>Prisma's {@code sslaccept=strict} is verify-full, its {@code sslidentity} a PKCS#12 key,
 *       and a {@code sslcert} without a key, which means nothing in libpq, its root certificate.
 *   <li>{@code sslrootcert=system} is Java's own trust store, and verify-full with it.
 *   <li>In libpq {@code require} with a root certificate is verify-ca; pgjdbc would verify nothing.
 *   <li>Where every host is one of RDS, verify-full is what holds unless something is said, and a
 *       mode that verifies without a root certificate means {@link RdsRoots}.
 * </ol>
 */
final class TlsParameters {
    private static final List<String> MODES =
            List.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");
    private static final String FULL = "verify-full";

    private final boolean isJdbc;
    private final Map<String, String> given;
    private final RdsTrust rds;

    private TlsParameters(boolean isJdbc, Map<String, String> given, RdsTrust rds) {
        this.isJdbc = isJdbc;
        this.given = given;
        this.rds = rds;
    }

    /** The properties; {@code given} may hold other parameters too. */
    static Map<String, String> of(boolean isJdbc, Map<String, String> given, List<Host> hosts) {
        return new TlsParameters(isJdbc, given, RdsTrust.of(hosts)).properties();
    }

    private Map<String, String> properties() {
        Map<String, String> properties = new HashMap<>();
        boolean isPrismaRoot =
                !isJdbc && value("sslkey").isEmpty() && value("sslrootcert").isEmpty();
        Optional<String> root = value(isPrismaRoot ? "sslcert" : "sslrootcert");
        Optional<String> mode = saysNothing() ? rds.mode() : strict(mode());
        if (root.filter("system"::equals).isPresent()) {
            if (mode.filter(value -> !value.equals(FULL)).isPresent()) {
                throw UrlParameters.refused(
                        "sslrootcert", "is system, which needs sslmode=verify-full");
            }
            refuseKey("sslrootcert", "is system, with which pgjdbc sends no client certificate");
            properties.put("sslmode", FULL);
            properties.put("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
            return properties;
        }
        if (!isJdbc && root.isPresent() && mode.filter("require"::equals).isPresent()) {
            mode = Optional.of("verify-ca");
        }
        if (root.isEmpty() && mode.filter(value -> value.startsWith("verify-")).isPresent()) {
            properties.putAll(rds.properties());
            if (!properties.isEmpty()) {
                refuseKey(
                        "sslkey",
                        "needs sslrootcert on RDS, beside whose roots in the package no client certificate is sent");
            }
        }
        mode.ifPresent(value -> properties.put("sslmode", value));
        root.ifPresent(value -> properties.put("sslrootcert", value));
        value("sslcert").filter(path -> !isPrismaRoot).ifPresent(p -> properties.put("sslcert", p));
        value("sslkey").or(this::identity).ifPresent(path -> properties.put("sslkey", path));
        return properties;
    }

    private Optional<String> value(String name) {
        return Optional.ofNullable(given.get(name)).filter(value -> !value.isEmpty());
    }

    private boolean saysNothing() {
        return Stream.of("sslmode", "ssl").noneMatch(given::containsKey)
                && Stream.of("requiressl", "sslaccept").allMatch(name -> value(name).isEmpty());
    }

    private void refuseKey(String parameter, String reason) {
        if (value("sslkey").or(() -> value("sslidentity")).isPresent()) {
            throw UrlParameters.refused(parameter, reason);
        }
    }

    private Optional<String> mode() {
        String mode = given.get("sslmode");
        if (mode != null) {
            return Optional.of(known("sslmode", mode));
        }
        String ssl = given.get("ssl");
        if (ssl != null) {
            return switch (ssl.toLowerCase(Locale.ROOT)) {
                case "true", "1", "" -> Optional.of(isJdbc ? FULL : "require");
                case "false", "0" -> Optional.empty();
                default -> Optional.of(known("ssl", ssl));
            };
        }
        return value("requiressl").map(value -> value.startsWith("1") ? "require" : "prefer");
    }

    /** {@code no-verify} is what node-postgres calls libpq's {@code require}. */
    private static String known(String name, String mode) {
        if (mode.equals("no-verify")) {
            return "require";
        }
        if (!MODES.contains(mode)) {
            throw UrlParameters.refused(name, "must be one of " + String.join(", ", MODES));
        }
        return mode;
    }

    private Optional<String> strict(Optional<String> mode) {
        return switch (given.getOrDefault("sslaccept", "accept_invalid_certs")) {
            case "strict" -> mode.filter("disable"::equals).isPresent() ? mode : Optional.of(FULL);
            case "accept_invalid_certs", "" -> mode;
            default ->
                    throw UrlParameters.refused(
                            "sslaccept", "must be strict or accept_invalid_certs");
        };
    }

    private Optional<String> identity() {
        Optional<String> path = value("sslidentity");
        if (path.filter(p -> !p.toLowerCase(Locale.ROOT).matches("(?s).*[.](p12|pfx)"))
                .isPresent()) {
            throw UrlParameters.refused(
                    "sslidentity",
                    "must name a .p12 or .pfx file, by which pgjdbc knows that it is PKCS#12");
        }
        return path;
    }
}
