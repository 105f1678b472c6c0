package dbmigrate.database;

import dbmigrate.database.ParameterRule.Fulfilled;
import dbmigrate.database.ParameterRule.Ignored;
import dbmigrate.database.ParameterRule.Listed;
import dbmigrate.database.ParameterRule.Passed;
import dbmigrate.database.ParameterRule.Refused;
import dbmigrate.database.ParameterRule.Translated;
import dbmigrate.database.ParameterRule.Understood;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The parameters of one URL while it is read, the parts before the question mark among them: what
 * is given later overrides what was given before, as in libpq.
 */
final class UrlParameters {
    /** What a message repeats of a name that is in no table. */
    private static final String PRINTABLE_NAME = "[A-Za-z_][A-Za-z0-9_.-]{0,62}";

    private final boolean isJdbc;
    private final Map<String, String> understood = new TreeMap<>();
    private final Map<String, String> properties = new TreeMap<>();
    private final Set<String> ignored = new LinkedHashSet<>();

    UrlParameters(boolean isJdbc) {
        this.isJdbc = isJdbc;
    }

    /** Takes a parameter from the query; {@code raw} is the whole of it before it was decoded. */
    void set(String name, String value, String raw) {
        boolean isUnknown = ParameterRules.of(name) instanceof Ignored;
        if (isUnknown && raw.indexOf('@') >= 0) {
            throw new InvalidDatabaseUrlException(
                    "a parameter after the ?",
                    "holds an @; " + InvalidDatabaseUrlException.PERCENT_ENCODE + " and in values");
        }
        set(name, value);
    }

    void set(String name, String value) {
        switch (ParameterRules.of(name)) {
            case Understood(String as) -> understood.put(as, value);
            case Passed(String property) -> properties.put(property, value);
            case Translated(String property, Map<String, String> values) ->
                    properties.put(property, translated(name, value, values));
            case Listed(String property, Set<String> words) ->
                    properties.put(property, listed(name, value, words));
            case Fulfilled(Set<String> values, String reason) -> {
                if (!values.contains(value.toLowerCase(Locale.ROOT))) {
                    throw refused(name, reason);
                }
            }
            case Refused(String reason) -> throw refused(name, reason);
            case Ignored() ->
                    ignored.add(name.matches(PRINTABLE_NAME) ? name : "one with an unusual name");
        }
    }

    /**
     * The URL, once every parameter is known.
     *
     * @param instead of its user and password
     */
    DatabaseUrl toUrl(Optional<Credentials> instead) {
        List<Host> servers = HostList.of(hostNames(), understood.getOrDefault("port", ""));
        if (servers.size() > 1) {
            // Only the writer can be migrated; "any" would take a standby that comes first.
            properties.put("targetServerType", "primary");
        }
        properties.putAll(TlsParameters.of(isJdbc, understood, servers));
        options();
        Optional.ofNullable(understood.get("fallback_application_name"))
                .ifPresent(name -> properties.putIfAbsent("ApplicationName", name));
        properties.values().removeIf(String::isEmpty);
        String user = understood.getOrDefault("user", "");
        return new DatabaseUrl(
                servers,
                given("dbname").orElse(user),
                instead.orElseGet(() -> new Login(user, given("password").map(Secret::new))),
                Optional.empty(),
                properties.entrySet().stream()
                        .collect(
                                Collectors.toMap(
                                        Map.Entry::getKey, entry -> new Secret(entry.getValue()))),
                given("schema"),
                warnings());
    }

    private Optional<String> given(String name) {
        return Optional.ofNullable(understood.get(name)).filter(value -> !value.isEmpty());
    }

    private String hostNames() {
        Optional<String> address = given("hostaddr");
        if (address.isPresent()
                && given("host").filter(host -> !address.get().equals(host)).isPresent()) {
            throw refused(
                    "hostaddr",
                    "beside a host is not supported: pgjdbc cannot connect to one and verify the"
                            + " other; give one of them");
        }
        return address.or(() -> given("host")).orElse("");
    }

    private void options() {
        Set<String> dropped = new TreeSet<>();
        given("options")
                .map(options -> ServerOptions.withoutTimeouts(options, dropped))
                .ifPresent(options -> properties.put("options", options));
        dropped.forEach(name -> ignored.add(name + " (in options)"));
    }

    private List<String> warnings() {
        return ignored.isEmpty()
                ? List.of()
                : List.of(
                        "Parameters of the database URL that a migration does not use were ignored: "
                                + String.join(", ", ignored)
                                + ".");
    }

    private static String translated(String name, String value, Map<String, String> values) {
        String translation = values.get(value);
        if (translation == null) {
            throw refused(name, "must be one of " + inOrder(values.keySet()));
        }
        return translation;
    }

    private static String listed(String name, String value, Set<String> words) {
        for (String word : value.split(",")) {
            String method = word.strip();
            if (!words.contains(method.startsWith("!") ? method.substring(1) : method)) {
                throw refused(name, "must be a list of " + inOrder(words));
            }
        }
        return value;
    }

    private static String inOrder(Set<String> words) {
        return String.join(", ", new TreeSet<>(words));
    }

    static InvalidDatabaseUrlException refused(String name, String reason) {
        return new InvalidDatabaseUrlException("the parameter " + name, reason);
    }
}
