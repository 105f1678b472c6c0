package dbmigrate.warnings;

import dbmigrate.json.JsonObject;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The search path and the time zone that a statement runs with: the session's, as far as the
 * scripts do not set others.
 *
 * <ol>
 *   <li>SET holds for the session, SET LOCAL until the script's end; set_config() is either.
 *   <li>Flyway sets the search path anew before each migration, and no time zone.
 *   <li>What is no literal is not followed.
 * </ol>
 */
final class Settings {
    private static final String PATH = "search_path";
    private static final String ZONE = "timezone";

    /** With these names PostgreSQL's time is UTC all the year. */
    private static final Set<String> UTC =
            Set.of("UTC", "ETC/UTC", "GMT", "ETC/GMT", "UCT", "ZULU", "0");

    private static final Pattern NAME =
            Pattern.compile("\\s*(?:\"((?:[^\"]++|\"\")*+)\"|([^,\"]+))\\s*(?:,|$)");

    private final Catalog catalog;
    private final Map<String, List<String>> session = new HashMap<>();
    private final Map<String, List<String>> local = new HashMap<>();

    Settings(Catalog catalog) {
        this.catalog = catalog;
    }

    void nextScript() throws SQLException {
        local.clear();
        if (session.containsKey(PATH) && catalog.isPathRenewed()) {
            session.remove(PATH);
        }
    }

    /** SET and RESET. */
    void set(JsonObject statement) throws SQLException {
        String name = Tree.kind(statement, "name").toLowerCase(Locale.ROOT);
        boolean isLocal = statement.isTrue("is_local");
        switch (Tree.kind(statement, "kind")) {
            case "VAR_SET_VALUE" ->
                    set(
                            name,
                            statement.objects("args").stream().map(Settings::literal).toList(),
                            isLocal);
            case "VAR_SET_DEFAULT", "VAR_RESET" -> reset(name, isLocal);
            case "VAR_RESET_ALL" -> resetAll();
            // FROM CURRENT is for functions.
            default -> {}
        }
    }

    void resetAll() throws SQLException {
        reset(PATH, false);
        reset(ZONE, false);
    }

    /** A call of set_config, with what may be literals. */
    void configure(JsonObject call) throws SQLException {
        List<String> names = Tree.strings(call, "funcname");
        List<JsonObject> arguments = call.objects("args");
        if (names.isEmpty() || !names.getLast().equals("set_config") || arguments.size() != 3) {
            return;
        }
        String name = literal(arguments.getFirst()).toLowerCase(Locale.ROOT);
        JsonObject value = arguments.get(1).object("A_Const").object("sval");
        boolean isLocal = arguments.get(2).object("A_Const").object("boolval").isTrue("boolval");
        boolean isLiteral = arguments.get(1).object("A_Const").presentObject("sval").isPresent();
        if (isLiteral) {
            String text = value.string("sval").orElse("");
            set(name, name.equals(PATH) ? parts(text) : List.of(text), isLocal);
        }
    }

    private void set(String name, List<String> values, boolean isLocal) {
        if (!isLocal) {
            session.put(name, values);
            local.remove(name);
        } else {
            local.put(name, values);
        }
    }

    /** Without the schema that Flyway puts before the session's own. */
    private void reset(String name, boolean isLocal) throws SQLException {
        if (name.equals(PATH)) {
            set(name, catalog.path(), isLocal);
        } else {
            set(name, List.of(catalog.timeZone()), isLocal);
        }
    }

    private static String literal(JsonObject node) {
        JsonObject constant = node.object("A_Const");
        return constant.presentObject("ival").isPresent()
                ? String.valueOf(constant.object("ival").integer("ival").orElse(0))
                : constant.object("sval").string("sval").orElse("");
    }

    private static List<String> parts(String path) {
        return NAME.matcher(path).results().map(Settings::part).toList();
    }

    private static String part(MatchResult name) {
        return name.group(1) != null
                ? name.group(1).replace("\"\"", "\"")
                : name.group(2).strip().toLowerCase(Locale.ROOT);
    }

    /** The schemas in which a name is looked for, in their order. */
    List<String> path() throws SQLException {
        List<String> given = local.getOrDefault(PATH, session.get(PATH));
        List<String> path = new ArrayList<>();
        if (given == null) {
            path.add(catalog.schema());
            path.addAll(catalog.path());
        } else {
            for (String name : given) {
                path.add(name.equals("$user") ? catalog.user() : name);
            }
            path.remove("");
        }
        for (String always : List.of("pg_catalog", Standing.TEMPORARY)) {
            if (!path.contains(always)) {
                path.addFirst(always);
            }
        }
        return path;
    }

    boolean isUtc() throws SQLException {
        List<String> given = local.getOrDefault(ZONE, session.get(ZONE));
        String zone = given == null ? catalog.timeZone() : String.join("", given);
        return UTC.contains(zone.toUpperCase(Locale.ROOT));
    }
}
