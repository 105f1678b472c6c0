package dbmigrate.warnings;

import dbmigrate.database.SqlState;
import dbmigrate.json.JsonObject;
import dbmigrate.parser.PostgresParser;
import dbmigrate.parser.UnreadableSqlException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads pending migrations and says which of their statements are dangerous to what stands.
 *
 * <ol>
 *   <li>A statement that can be none of those is passed over by its words.
 *   <li>Every other one goes through PostgreSQL's parser, which is loaded for the first of them.
 *   <li>What it names is looked up in the catalog: what is not there, or is made by a statement
 *       before, is nobody's yet, and nothing is warned of.
 *   <li>A comment before or in the statement may accept what was found.
 * </ol>
 */
public final class Warnings {
    /** Of one report: some ten seconds. What is behind them is said not to be read. */
    private static final int MOST_CHARACTERS = 100_000;

    private static final int LONGEST_EXCERPT = 200;

    private final Standing standing;
    private final UnaryOperator<String> shown;
    private final Supplier<PostgresParser> load;
    private final List<Warning> warnings = new ArrayList<>();
    private @Nullable PostgresParser parser;
    private int read;
    private @Nullable Script notRead;

    private Warnings(Catalog catalog, UnaryOperator<String> shown, Supplier<PostgresParser> load) {
        this.standing = new Standing(catalog);
        this.shown = shown;
        this.load = load;
    }

    /**
     * The warnings, in the order of the statements.
     *
     * @param scripts in the order in which they will run
     * @param shown what may be shown of a statement
     */
    public static List<Warning> of(
            List<Script> scripts, Catalog catalog, UnaryOperator<String> shown)
            throws SQLException {
        return of(scripts, catalog, shown, PostgresParser::load);
    }

    /** With a parser that is loaded already. */
    static List<Warning> of(
            List<Script> scripts,
            Catalog catalog,
            UnaryOperator<String> shown,
            Supplier<PostgresParser> load)
            throws SQLException {
        Warnings run = new Warnings(catalog, shown, load);
        for (Script script : scripts) {
            run.read(script);
        }
        return run.warnings;
    }

    /** Whether a line of a script holds a word without which it has nothing to warn of. */
    public static boolean maySay(String line) {
        return Suspicion.of(line);
    }

    private void read(Script script) throws SQLException {
        standing.nextScript();
        Set<String> newValues = new HashSet<>();
        List<String> bare = script.statements().stream().map(Script.Statement::bare).toList();
        for (int i = 0; i < script.statements().size(); i++) {
            Script.Statement statement = script.statements().get(i);
            Findings findings = new Findings();
            if (newValues.stream().anyMatch(value -> statement.sql().contains(value))) {
                findings.add(Rule.ENUM_VALUE_USED, Optional.empty());
            }
            if (Suspicion.of(statement)) {
                newValues.addAll(
                        look(script, statement, bare.subList(i + 1, bare.size()), findings));
            }
            Optional<NewTable> table = NewTable.of(statement.bare());
            if (table.isPresent()) {
                standing.make(table.get());
            }
            note(script, statement, findings);
        }
    }

    /** Applies the rules; returns the values that the statement adds to enums. */
    private Set<String> look(
            Script script, Script.Statement statement, List<String> later, Findings findings)
            throws SQLException {
        Set<String> newValues = new HashSet<>();
        try {
            for (JsonObject tree : trees(script, statement, findings)) {
                for (String kind : tree.members().keySet()) {
                    new Statements(standing, findings, script, later)
                            .check(kind, tree.object(kind));
                    newValue(kind, tree.object(kind), script).ifPresent(newValues::add);
                }
            }
        } catch (SQLException e) {
            // Nor one that the server's version does not answer.
            if (SqlState.isSessionGone(e)) {
                throw e;
            }
            findings.add(Rule.NOT_READ, Optional.empty());
        } catch (RuntimeException e) {
            // A tree that a rule does not expect must not keep a migration from running.
            findings.add(Rule.NOT_READ, Optional.empty());
        }
        return newValues;
    }

    private List<JsonObject> trees(Script script, Script.Statement statement, Findings findings) {
        read += statement.bare().length();
        if (read <= MOST_CHARACTERS) {
            try {
                parser = parser == null ? load.get() : parser;
                return parser.statements(statement.sql());
            } catch (UnreadableSqlException e) {
                // Where it came to no end with a statement it reads nothing more.
                parser = e.getCause() == null ? parser : null;
                findings.add(Rule.NOT_READ, Optional.empty());
            }
        } else if (notRead != script) {
            // Once for each script: there may be thousands.
            notRead = script;
            findings.add(Rule.NOT_READ, Optional.empty());
        }
        return List.of();
    }

    /** The value that is added to an enum that stands, as a later statement writes it. */
    private Optional<String> newValue(String kind, JsonObject statement, Script script)
            throws SQLException {
        boolean adds =
                kind.equals("AlterEnumStmt")
                        && script.transactional()
                        && statement.string("oldVal").isEmpty()
                        && standing.types().has(Tree.strings(statement, "typeName"));
        return adds
                ? statement.string("newVal").map(value -> "'" + value.replace("'", "''") + "'")
                : Optional.empty();
    }

    private void note(Script script, Script.Statement statement, Findings findings) {
        Acceptance acceptance = Acceptance.of(statement.comments());
        for (Findings.Finding finding : findings.all()) {
            add(script, statement, finding, statement.line(), acceptance);
        }
        Findings.Finding unknown =
                new Findings.Finding(Rule.UNKNOWN_RULE, Optional.empty(), Optional.empty());
        acceptance.wrong().forEach(line -> add(script, statement, unknown, line, acceptance));
    }

    private void add(
            Script script,
            Script.Statement statement,
            Findings.Finding finding,
            int line,
            Acceptance acceptance) {
        warnings.add(
                new Warning(
                        finding.rule(),
                        script.name(),
                        line,
                        finding.object(),
                        finding.rows(),
                        excerpt(statement.sql()),
                        acceptance.reason(finding.rule())));
    }

    private String excerpt(String sql) {
        String text = shown.apply(sql).replaceAll("\\s+", " ");
        return text.codePointCount(0, text.length()) <= LONGEST_EXCERPT
                ? text
                : text.substring(0, text.offsetByCodePoints(0, LONGEST_EXCERPT)) + "…";
    }
}
