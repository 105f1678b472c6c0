package dbmigrate.database;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * A parsed database URL: the server, a database on it and how to log in.
 *
 * @param hosts at least one; where there are several, the driver looks for the writer among them
 * @param database a name that PostgreSQL takes, decoded
 * @param credentials what the URL says, or what takes its place
 * @param parameters the honoured parameters under pgjdbc's names; masked, since one of them is the
 *     password of a key
 * @param ownerRole who each session is once it is logged in
 * @param schema what the search path should be, as given: a name or, separated by commas, several
 * @param warnings at most one sentence: the parameters that were ignored, by name
 */
public record DatabaseUrl(
        List<Host> hosts,
        String database,
        Credentials credentials,
        Optional<OwnerRole> ownerRole,
        Map<String, Secret> parameters,
        Optional<String> schema,
        List<String> warnings) {
    /**
     * NAMEDATALEN - 1: the server would cut a longer name short and connect to another database.
     */
    private static final int MAX_NAME_BYTES = 63;

    public DatabaseUrl {
        hosts = List.copyOf(hosts);
        parameters = Map.copyOf(parameters);
        warnings = List.copyOf(warnings);
        if (hosts.isEmpty()) {
            throw new InvalidDatabaseUrlException("the host", "is missing");
        }
        if (database.isEmpty()) {
            throw new InvalidDatabaseUrlException("the database's name", "is empty");
        }
        if (database.indexOf('\0') >= 0
                || !StandardCharsets.UTF_8.newEncoder().canEncode(database)) {
            throw new InvalidDatabaseUrlException(
                    "the database's name", "holds a character that PostgreSQL does not take");
        }
        if (database.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            throw new InvalidDatabaseUrlException(
                    "the database's name",
                    "is longer than " + MAX_NAME_BYTES + " bytes, PostgreSQL's limit");
        }
    }

    /**
     * Reads a URL by libpq's rules, or, where it begins with {@code jdbc:}, by pgjdbc's.
     *
     * @throws InvalidDatabaseUrlException that names the part that is wrong and shows nothing of it
     */
    public static DatabaseUrl parse(String url) {
        return DatabaseUrlParser.parse(url, Optional.empty());
    }

    /**
     * Reads a URL as {@link #parse(String)} does. Its user and password, where it has any, give way
     * to these credentials.
     */
    public static DatabaseUrl parse(String url, Credentials credentials) {
        return DatabaseUrlParser.parse(url, Optional.of(credentials));
    }

    /**
     * The same server and user, another database.
     *
     * @throws InvalidDatabaseUrlException if PostgreSQL has no such names
     */
    public DatabaseUrl withDatabase(String name) {
        return new DatabaseUrl(hosts, name, credentials, ownerRole, parameters, schema, warnings);
    }

    /** The same database, another way to log in. */
    public DatabaseUrl withCredentials(Credentials other) {
        return new DatabaseUrl(hosts, database, other, ownerRole, parameters, schema, warnings);
    }

    /** The same database, whose sessions are this role's. */
    public DatabaseUrl withOwnerRole(OwnerRole role) {
        return new DatabaseUrl(
                hosts, database, credentials, Optional.of(role), parameters, schema, warnings);
    }

    /** The same database, whose sessions stay the user's that logs in. */
    public DatabaseUrl withoutOwnerRole() {
        return new DatabaseUrl(
                hosts, database, credentials, Optional.empty(), parameters, schema, warnings);
    }

    /** The role that logs in, for a message. */
    public String user() {
        return credentials.user();
    }

    /** The role that owns what is made and needs the rights, for a message. */
    public String owner() {
        return ownerRole.map(OwnerRole::name).orElseGet(this::user);
    }

    /**
     * For pgjdbc, together with {@link #properties(Login)}: hosts and database, no user, no
     * parameter.
     */
    public String jdbcUrl() {
        return "jdbc:postgresql://" + hostList() + "/" + percentEncoded(database);
    }

    /** A new copy of the honoured parameters and of a login, under pgjdbc's names. */
    public Properties properties(Login login) {
        Properties properties = new Properties();
        parameters.forEach((name, value) -> properties.setProperty(name, value.reveal()));
        properties.setProperty("user", login.user());
        ownerRole.ifPresent(
                role -> properties.merge("options", role.option(), (a, b) -> a + " " + b));
        login.password().ifPresent(value -> properties.setProperty("password", value.reveal()));
        return properties;
    }

    /** {@code host:port,host:port/database}: which database this is, whoever logs in. */
    public String address() {
        return hostList() + "/" + database;
    }

    /** The address; neither user nor password. */
    @Override
    public String toString() {
        return address();
    }

    private String hostList() {
        return hosts.stream().map(Host::toString).collect(Collectors.joining(","));
    }

    /** URLEncoder writes forms, where a blank is a plus sign. */
    private static String percentEncoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
