package dbmigrate.warnings;

import dbmigrate.json.JsonObject;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Everything but ALTER TABLE's commands.
 *
 * @param later what follows in the same transaction, without comments and values
 */
record Statements(Standing standing, Findings findings, Script script, List<String> later) {
    /** LOCK's modes from SHARE on keep writers out. */
    private static final int SHARE = 5;

    private static final String MAKES_VIEW =
            "(?is)\\s*create\\s+(or\\s+replace\\s+)?(materialized\\s+)?(recursive\\s+)?view\\s+"
                    + "(if\\s+not\\s+exists\\s+)?([\\w\"]+\\.)?\"?%s\"?[\\s(].*";

    void check(String kind, JsonObject statement) throws SQLException {
        switch (kind) {
            case "AlterTableStmt" ->
                    new AlterTable(standing, findings, script.transactional()).check(statement);
            case "IndexStmt" -> index(statement);
            case "DropStmt" -> new Drop(standing, findings, this).check(statement);
            case "DropdbStmt" -> findings.add(Rule.DROP_DATABASE, statement.string("dbname"));
            case "DropOwnedStmt" -> findings.add(Rule.DROP_CASCADE, Optional.empty());
            case "ReindexStmt" -> reindex(statement);
            case "VacuumStmt" -> vacuum(statement);
            case "ClusterStmt" -> anyOf(Rule.CLUSTER, statement.presentObject("relation"));
            case "RefreshMatViewStmt" -> {
                if (!statement.isTrue("concurrent")) {
                    existing(Rule.REFRESH_MATERIALIZED_VIEW, statement.object("relation"));
                }
            }
            case "TruncateStmt" ->
                    each(Rule.TRUNCATE, Tree.all(statement, "relations", "RangeVar"));
            case "LockStmt" -> {
                if (statement.integer("mode").orElse(0) >= SHARE) {
                    each(Rule.LOCK_TABLE, Tree.all(statement, "relations", "RangeVar"));
                }
            }
            case "RenameStmt" -> rename(statement);
            case "AlterObjectSchemaStmt" -> {
                JsonObject range = statement.object("relation");
                Optional<Relation> moved = standing.relation(range);
                if (moved.isPresent()) {
                    findings.add(Rule.RENAME_TABLE, moved.get());
                    String schema = statement.string("newschema").orElse("");
                    standing.rename(moved.get(), schema, RelationName.of(range).name());
                }
            }
            case "CreateStmt" -> partition(statement);
            case "AlterDomainStmt" -> domain(statement);
            case "VariableSetStmt" -> standing.settings().set(statement);
            case "DiscardStmt" -> {
                if (Tree.kind(statement, "target").equals("DISCARD_ALL")) {
                    standing.settings().resetAll();
                }
            }
            case "SelectStmt" -> configure(statement);
            case "AlterSystemStmt" -> findings.add(Rule.ALTER_SYSTEM, Optional.empty());
            // What remains is dangerous only as far as it writes.
            default -> {}
        }
        new Writes(standing, findings).check(kind, statement);
    }

    private void index(JsonObject statement) throws SQLException {
        JsonObject range = statement.object("relation");
        Optional<Relation> table = standing.relation(range);
        if (statement.isTrue("concurrent") || table.isEmpty()) {
            return;
        }
        boolean buildsNothing = table.get().isPartitioned() && !range.isTrue("inh");
        boolean stands =
                statement.isTrue("if_not_exists")
                        && standing.relation(
                                        new RelationName(
                                                Optional.of(table.get().schema()),
                                                statement.string("idxname").orElse("")))
                                .isPresent();
        if (!buildsNothing && !stands) {
            findings.add(Rule.CREATE_INDEX, table.get());
        }
    }

    private void partition(JsonObject statement) throws SQLException {
        if (statement.presentObject("partbound").isPresent()) {
            for (JsonObject parent : Tree.all(statement, "inhRelations", "RangeVar")) {
                Optional<Relation> table = standing.relation(parent);
                if (table.isPresent()) {
                    new AlterTable(standing, findings, script.transactional())
                            .readDefault(table.get());
                }
            }
        }
    }

    private void domain(JsonObject statement) throws SQLException {
        boolean reads =
                switch (Tree.kind(statement, "subtype")) {
                    case "C", "AD_AddConstraint" ->
                            !statement.object("def").object("Constraint").isTrue("skip_validation");
                    case "O", "AD_SetNotNull" -> true;
                    default -> false;
                };
        Optional<String> name = standing.typeName(Tree.strings(statement, "typeName"));
        if (reads && name.isPresent() && standing.types().isUsed(name.get())) {
            findings.add(Rule.ALTER_DOMAIN, name);
        }
    }

    /** What a SELECT sets, as pg_dump's do. */
    private void configure(JsonObject statement) throws SQLException {
        List<JsonObject> calls = new ArrayList<>();
        Tree.walk(
                statement.members(),
                (name, node) -> {
                    if (name.equals("FuncCall")) {
                        calls.add(node);
                    }
                });
        for (JsonObject call : calls) {
            standing.settings().configure(call);
        }
    }

    private void reindex(JsonObject statement) throws SQLException {
        if (!isOn(statement, "params", "concurrently")) {
            anyOf(Rule.REINDEX, statement.presentObject("relation"));
        }
    }

    private void vacuum(JsonObject statement) throws SQLException {
        if (!isOn(statement, "options", "full")) {
            return;
        }
        List<JsonObject> tables = Tree.all(statement, "rels", "VacuumRelation");
        if (tables.isEmpty()) {
            findings.add(Rule.VACUUM_FULL, Optional.empty());
        }
        for (JsonObject table : tables) {
            existing(Rule.VACUUM_FULL, table.object("relation"));
        }
    }

    /** An option in parentheses: its name alone turns it on. */
    private static boolean isOn(JsonObject statement, String list, String option) {
        return Tree.all(statement, list, "DefElem").stream()
                .filter(one -> one.string("defname").equals(Optional.of(option)))
                .anyMatch(one -> isOn(one.object("arg")));
    }

    private static boolean isOn(JsonObject argument) {
        String word =
                Tree.as(argument, "String").flatMap(text -> text.string("sval")).orElse("true");
        boolean zero =
                Tree.as(argument, "Integer")
                        .filter(number -> number.integer("ival").orElse(0) == 0)
                        .isPresent();
        return !zero && !word.equals("false") && !word.equals("off");
    }

    private void rename(JsonObject statement) throws SQLException {
        if (Tree.kind(statement, "renameType").equals("OBJECT_SCHEMA")) {
            String schema = statement.string("subname").orElse("");
            if (standing.catalog().hasSchema(schema)) {
                findings.add(Rule.RENAME_TABLE, Optional.of(schema));
            }
            return;
        }
        Optional<Relation> relation = standing.relation(statement.object("relation"));
        if (relation.isEmpty() || relation.get().isIndex()) {
            // Indexes and constraints have names that no query uses.
            return;
        }
        RelationName old = RelationName.of(statement.object("relation"));
        switch (Tree.kind(statement, "renameType")) {
            case "OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE" -> {
                if (!makesView(old.name())) {
                    findings.add(Rule.RENAME_TABLE, relation.get());
                }
                String name = statement.string("newname").orElse("");
                standing.rename(relation.get(), relation.get().schema(), name);
            }
            case "OBJECT_COLUMN" ->
                    findings.add(
                            Rule.RENAME_COLUMN,
                            relation.get(),
                            statement.string("subname").orElse(""));
            default -> {}
        }
    }

    /** Whether a view of this name is made before the transaction ends. */
    boolean makesView(String name) {
        Pattern view = Pattern.compile(MAKES_VIEW.formatted(Pattern.quote(name)));
        return script.transactional()
                && later.stream().anyMatch(bare -> view.matcher(bare).matches());
    }

    private void each(Rule rule, List<JsonObject> ranges) throws SQLException {
        for (JsonObject range : ranges) {
            existing(rule, range);
        }
    }

    private void existing(Rule rule, JsonObject range) throws SQLException {
        standing.relation(range).ifPresent(relation -> findings.add(rule, relation));
    }

    /** Without a relation it is about all of them. */
    private void anyOf(Rule rule, Optional<JsonObject> range) throws SQLException {
        if (range.isPresent()) {
            existing(rule, range.get());
        } else {
            findings.add(rule, Optional.empty());
        }
    }
}
