package dbmigrate.warnings;

import dbmigrate.json.JsonObject;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** UPDATE, DELETE and MERGE, also within WITH. */
record Writes(Standing standing, Findings findings) {
    private static final Set<String> KINDS = Set.of("UpdateStmt", "DeleteStmt", "MergeStmt");

    private static final Set<String> WRITES = Set.of("CMD_UPDATE", "CMD_DELETE");

    void check(String kind, JsonObject statement) throws SQLException {
        List<JsonObject> all = new ArrayList<>();
        if (isOfAllRows(kind, statement)) {
            all.add(statement);
        }
        Tree.walk(
                statement.members(),
                (name, node) -> {
                    if (isOfAllRows(name, node)) {
                        all.add(node);
                    }
                });
        for (JsonObject write : all) {
            standing.relation(write.object("relation"))
                    .ifPresent(table -> findings.add(Rule.WRITE_ALL_ROWS, table));
        }
    }

    private static boolean isOfAllRows(String kind, JsonObject write) {
        if (!KINDS.contains(kind)) {
            return false;
        }
        return kind.equals("MergeStmt")
                ? Tree.all(write, "mergeWhenClauses", "MergeWhenClause").stream()
                        .anyMatch(clause -> isOfAllRows(clause, write.object("joinCondition")))
                : holdsAlways(write, "whereClause");
    }

    /**
     * Whether a MERGE's clause is for every row of the target, or every one that the source lacks.
     */
    private static boolean isOfAllRows(JsonObject clause, JsonObject join) {
        boolean all =
                switch (Tree.kind(clause, "matchKind")) {
                    case "MERGE_WHEN_MATCHED" -> isAlways(join);
                    case "MERGE_WHEN_NOT_MATCHED_BY_SOURCE" -> true;
                    default -> false;
                };
        return all
                && WRITES.contains(Tree.kind(clause, "commandType"))
                && holdsAlways(clause, "condition");
    }

    private static boolean holdsAlways(JsonObject write, String condition) {
        return write.presentObject(condition).isEmpty() || isAlways(write.object(condition));
    }

    /** TRUE, or a constant that equals itself. */
    private static boolean isAlways(JsonObject condition) {
        if (condition.object("A_Const").object("boolval").isTrue("boolval")) {
            return true;
        }
        JsonObject equality = condition.object("A_Expr");
        Map<?, ?> left = constant(equality.object("lexpr"));
        return Tree.strings(equality, "name").equals(List.of("="))
                && !left.isEmpty()
                && left.equals(constant(equality.object("rexpr")));
    }

    private static Map<?, ?> constant(JsonObject expression) {
        Map<Object, Object> value = new HashMap<>(expression.object("A_Const").members());
        value.remove("location");
        return value;
    }
}
