package dbmigrate.warnings;

import dbmigrate.json.JsonObject;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** ADD COLUMN. */
record NewColumn(Relation table, JsonObject column, Standing standing) {
    private static final Set<String> SERIAL =
            Set.of("serial", "bigserial", "smallserial", "serial2", "serial4", "serial8");

    void check(Findings findings) throws SQLException {
        String name = column.string("colname").orElse("");
        boolean serial =
                Tree.strings(column.object("typeName"), "names").stream()
                        .anyMatch(SERIAL::contains);
        boolean hasDefault = serial || has("CONSTR_DEFAULT");
        boolean rewrites =
                serial || has("CONSTR_IDENTITY") || isStored() || isVolatile() || isChecked();
        if (rewrites) {
            findings.add(Rule.ADD_COLUMN_REWRITE, table, name);
        }
        boolean needsValue = has("CONSTR_NOTNULL") || has("CONSTR_PRIMARY");
        if (needsValue && !hasDefault && !has("CONSTR_IDENTITY") && !has("CONSTR_GENERATED")) {
            findings.add(Rule.ADD_COLUMN_NOT_NULL, table, name);
        }
        if (has("CONSTR_UNIQUE") || has("CONSTR_PRIMARY")) {
            findings.add(Rule.ADD_UNIQUE, table);
        }
        if (has("CONSTR_CHECK")) {
            findings.add(Rule.ADD_CHECK, table);
        }
        // Of a column that is null everywhere PostgreSQL checks no foreign key.
        if (has("CONSTR_FOREIGN") && hasDefault) {
            findings.add(Rule.ADD_FOREIGN_KEY, table);
        }
    }

    private List<JsonObject> constraints() {
        return Tree.all(column, "constraints", "Constraint");
    }

    private boolean has(String kind) {
        return constraints().stream().anyMatch(one -> Tree.kind(one, "contype").equals(kind));
    }

    private boolean isStored() {
        return constraints().stream()
                .anyMatch(one ->
                        Tree.kind(one, "contype").equals("CONSTR_GENERATED")
                                && Tree.kind(one, "generated_kind").equals("s"));
    }

    /** Whether its type is a domain with a constraint, which PostgreSQL checks row by row. */
    private boolean isChecked() throws SQLException {
        JsonObject type = column.object("typeName");
        Optional<String> name = standing.typeName(Tree.strings(type, "names"));
        return name.isPresent()
                && type.objects("arrayBounds").isEmpty()
                && standing.types().base(name.get()).filter(Types.Base::isConstrained).isPresent();
    }

    private boolean isVolatile() throws SQLException {
        Set<String> functions = new TreeSet<>();
        for (JsonObject constraint : constraints()) {
            if (Tree.kind(constraint, "contype").equals("CONSTR_DEFAULT")) {
                Tree.walk(
                        constraint.members(),
                        (kind, node) -> {
                            List<String> names = Tree.strings(node, "funcname");
                            if (kind.equals("FuncCall") && !names.isEmpty()) {
                                functions.add(names.getLast());
                            }
                        });
            }
        }
        for (String function : functions) {
            if (standing.catalog().isVolatile(function)) {
                return true;
            }
        }
        return false;
    }
}
