package dbmigrate.warnings;

import dbmigrate.json.JsonObject;
import java.sql.SQLException;
import java.util.Optional;

/** ALTER TABLE, with each of its commands. */
record AlterTable(Standing standing, Findings findings, boolean transactional) {
    void check(JsonObject statement) throws SQLException {
        Optional<Relation> table = standing.relation(statement.object("relation"));
        if (table.isPresent()) {
            for (JsonObject command : Tree.all(statement, "cmds", "AlterTableCmd")) {
                check(table.get(), command);
            }
        }
    }

    private void check(Relation table, JsonObject command) throws SQLException {
        String name = command.string("name").orElse("");
        JsonObject definition = command.object("def");
        if (Tree.kind(command, "behavior").equals("DROP_CASCADE")) {
            findings.add(Rule.DROP_CASCADE, table, name);
        }
        switch (Tree.kind(command, "subtype")) {
            case "AT_AddColumn" ->
                    new NewColumn(table, definition.object("ColumnDef"), standing).check(findings);
            case "AT_AddConstraint" -> constraint(table, definition.object("Constraint"));
            case "AT_ValidateConstraint" -> {
                if (standing.validate(table, name) && transactional) {
                    findings.add(Rule.VALIDATE_WITH_ADD, table, name);
                }
            }
            case "AT_SetNotNull" -> notNull(table, name);
            case "AT_AlterColumnType" ->
                    new TypeChange(table, name, definition.object("ColumnDef"), standing)
                            .check(findings);
            case "AT_DropColumn" -> {
                if (standing.types().of(table, name).isPresent()) {
                    findings.add(Rule.DROP_COLUMN, table, name);
                }
            }
            case "AT_SetTableSpace",
                    "AT_SetLogged",
                    "AT_SetUnLogged",
                    "AT_SetAccessMethod",
                    "AT_SetExpression" -> {
                if (!standing.catalog().isStoredSo(table, Tree.kind(command, "subtype"), name)) {
                    findings.add(Rule.REWRITE_TABLE, table);
                }
            }
            case "AT_DisableTrig", "AT_DisableTrigAll", "AT_DisableTrigUser" ->
                    findings.add(Rule.DISABLE_TRIGGER, table);
            case "AT_AttachPartition" -> {
                standing.relation(definition.object("PartitionCmd").object("name"))
                        .ifPresent(part -> findings.add(Rule.ATTACH_PARTITION, part));
                readDefault(table);
            }
            case "AT_DetachPartition" -> {
                if (!definition.object("PartitionCmd").isTrue("concurrent")) {
                    findings.add(Rule.DETACH_PARTITION, table);
                }
            }
            // Nothing else reads or writes rows.
            default -> {}
        }
    }

    /** Of a new partition PostgreSQL looks whether the default one holds what is to be in it. */
    void readDefault(Relation parent) throws SQLException {
        standing.catalog()
                .defaultPartition(parent)
                .ifPresent(table -> findings.add(Rule.DEFAULT_PARTITION, table));
    }

    private void constraint(Relation table, JsonObject constraint) throws SQLException {
        String kind = Tree.kind(constraint, "contype");
        boolean checksRows =
                !constraint.isTrue("skip_validation") && constraint.isTrue("is_enforced");
        switch (kind) {
            case "CONSTR_CHECK", "CONSTR_FOREIGN" -> {
                if (checksRows) {
                    findings.add(
                            kind.equals("CONSTR_CHECK") ? Rule.ADD_CHECK : Rule.ADD_FOREIGN_KEY,
                            table);
                } else {
                    constraint
                            .string("conname")
                            .ifPresent(name ->
                                    standing.addUnvalidated(table, name, notNullOf(constraint)));
                }
            }
            case "CONSTR_NOTNULL" -> {
                String column = Tree.strings(constraint, "keys").getFirst();
                if (constraint.isTrue("skip_validation")) {
                    constraint
                            .string("conname")
                            .ifPresent(name ->
                                    standing.addUnvalidated(table, name, Optional.of(column)));
                } else {
                    notNull(table, column);
                }
            }
            case "CONSTR_UNIQUE", "CONSTR_PRIMARY" -> {
                if (constraint.string("indexname").isEmpty()) {
                    findings.add(Rule.ADD_UNIQUE, table);
                }
            }
            case "CONSTR_EXCLUSION" -> findings.add(Rule.ADD_EXCLUSION, table);
            // No other is added to a table.
            default -> {}
        }
    }

    /** The column of a check that is {@code column IS NOT NULL}. */
    private static Optional<String> notNullOf(JsonObject constraint) {
        return Tree.as(constraint.object("raw_expr"), "NullTest")
                .filter(test -> Tree.kind(test, "nulltesttype").equals("IS_NOT_NULL"))
                .flatMap(test -> Tree.column(test.object("arg")));
    }

    private void notNull(Relation table, String column) throws SQLException {
        boolean stands = standing.types().of(table, column).isPresent();
        if (stands && !standing.excludesNull(table, column)) {
            findings.add(Rule.SET_NOT_NULL, table, column);
        }
    }
}
