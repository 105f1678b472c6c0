package dbmigrate.worker;

import dbmigrate.database.Identifier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a commit would undo of a script, where a rehearsal only lets go of a savepoint: SET LOCAL,
 * and temporary tables with ON COMMIT DROP. Only statements of a script are seen, and no function
 * that does the same.
 */
final class CommitEffects {
    private static final Pattern SET_LOCAL =
            Pattern.compile("set\\s+local\\s+(\"[^\"]+\"|[\\w.]+)", Pattern.CASE_INSENSITIVE);

    /** Words that stand for a setting of another name (PostgreSQL's gram.y, set_rest_more). */
    private static final Map<String, String> NAMES =
            Map.of(
                    "time", "timezone",
                    "schema", "search_path",
                    "names", "client_encoding",
                    "session", "session_authorization",
                    "xml", "xmloption");

    /** No setting that is known before and behind. */
    private static final Set<String> OTHERS = Set.of("transaction", "seed");

    private static final Pattern TABLE =
            Pattern.compile(
                    "create\\s+(?:(?:global\\s+|local\\s+)?temp(?:orary)?\\s+)?table\\s+"
                            + "(?:if\\s+not\\s+exists\\s+)?(?:pg_temp\\s*\\.\\s*)?"
                            + "(\"[^\"]+\"|[\\w$]+).*\\bon\\s+commit\\s+drop\\b",
                    Pattern.CASE_INSENSITIVE | Pattern.DOTALL | Pattern.UNICODE_CHARACTER_CLASS);

    private final Connection connection;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final Set<String> tables = new LinkedHashSet<>();

    CommitEffects(Connection connection) {
        this.connection = connection;
    }

    /** Notes what a statement without comments is about to do. */
    void note(String statement) throws SQLException {
        Matcher set = SET_LOCAL.matcher(statement);
        if (set.lookingAt()) {
            String word = name(set.group(1));
            String name = NAMES.getOrDefault(word, word);
            if (!OTHERS.contains(name) && !settings.containsKey(name)) {
                settings.put(name, value(name));
            }
        }
        Matcher table = TABLE.matcher(statement);
        if (table.lookingAt()) {
            tables.add(name(table.group(1)));
        }
    }

    private static String name(String written) {
        return written.startsWith("\"")
                ? written.substring(1, written.length() - 1)
                : written.toLowerCase(Locale.ROOT);
    }

    /** One that nobody knows is empty once it was set. */
    private String value(String name) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select coalesce(current_setting(?, true), '')")) {
            select.setString(1, name);
            var row = select.executeQuery();
            row.next();
            return row.getString(1);
        }
    }

    /** Does what the commit would. */
    void happen() throws SQLException {
        for (Map.Entry<String, String> one : settings.entrySet()) {
            try (PreparedStatement select =
                    connection.prepareStatement("select set_config(?, ?, false)")) {
                select.setString(1, one.getKey());
                select.setString(2, one.getValue());
                select.execute();
            }
        }
        for (String table : tables) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(
                        "drop table if exists pg_temp." + Identifier.quote(table) + " cascade");
            }
        }
        forget();
    }

    /** A roll-back has undone it. */
    void forget() {
        settings.clear();
        tables.clear();
    }
}
