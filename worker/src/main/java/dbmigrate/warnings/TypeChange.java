package dbmigrate.warnings;

import dbmigrate.json.JsonObject;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** ALTER COLUMN … TYPE. */
record TypeChange(Relation table, String column, JsonObject definition, Standing standing) {
    /** Types that share the operators of their indexes. */
    private static final List<Set<String>> SHARED =
            List.of(Set.of("text", "character varying"), Set.of("cidr", "inet"));

    void check(Findings findings) throws SQLException {
        Types types = standing.types();
        Optional<String> now = types.of(table, column);
        if (now.isEmpty()) {
            return;
        }
        ColumnType from = stored(now.get(), types);
        Optional<ColumnType> to = target(now.get(), types);
        if (to.isEmpty()
                || !from.becomes(to.get(), types, standing.settings().isUtc())
                || computes()) {
            findings.add(Rule.CHANGE_COLUMN_TYPE, table, column);
            return;
        }
        boolean operators =
                !sharesOperators(from.name(), to.get().name())
                        || types.recollates(table, column, to.get().name(), collation());
        if (types.rests(table, column, operators)) {
            findings.add(Rule.REBUILD_FOR_TYPE, table, column);
        }
    }

    /** Empty where the database does not know it, or the rows must be checked for its sake. */
    private Optional<ColumnType> target(String now, Types types) throws SQLException {
        JsonObject typeName = definition.object("typeName");
        Optional<String> name = standing.typeName(Tree.strings(typeName, "names"));
        if (name.isEmpty()) {
            return Optional.empty();
        }
        Optional<Types.Base> base = types.base(name.get());
        boolean checks = base.isPresent() && base.get().isConstrained() && !name.get().equals(now);
        if (checks) {
            return Optional.empty();
        }
        if (base.isPresent() && typeName.objects("arrayBounds").isEmpty()) {
            return Optional.of(ColumnType.of(base.get().type()));
        }
        String array = typeName.objects("arrayBounds").isEmpty() ? "" : "[]";
        List<Integer> modifiers =
                Tree.all(typeName, "typmods", "A_Const").stream()
                        .map(constant -> constant.object("ival").integer("ival").orElse(0))
                        .toList();
        return Optional.of(new ColumnType(name.get() + array, modifiers));
    }

    private static ColumnType stored(String type, Types types) throws SQLException {
        return ColumnType.of(types.base(type).map(Types.Base::type).orElse(type));
    }

    private static boolean sharesOperators(String from, String to) {
        return from.equals(to)
                || SHARED.stream().anyMatch(types -> types.contains(from) && types.contains(to));
    }

    private Optional<String> collation() {
        return definition
                .presentObject("collClause")
                .map(clause -> RelationName.quoted(Tree.strings(clause, "collname")));
    }

    /** Whether USING does more than to cast the column. */
    private boolean computes() {
        JsonObject using = definition.object("raw_default");
        if (using.members().isEmpty()) {
            return false;
        }
        JsonObject expression = Tree.as(using, "TypeCast").map(c -> c.object("arg")).orElse(using);
        return Tree.column(expression).filter(column::equals).isEmpty();
    }
}
