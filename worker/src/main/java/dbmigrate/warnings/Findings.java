package dbmigrate.warnings;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the rules find in one statement. */
final class Findings {
    private final List<Finding> found = new ArrayList<>();

    /** One of them. */
    record Finding(Rule rule, Optional<String> object, Optional<Long> rows) {}

    void add(Rule rule, Relation relation) {
        add(new Finding(rule, Optional.of(relation.name()), relation.rows()));
    }

    void add(Rule rule, Relation table, String column) {
        add(
                new Finding(
                        rule,
                        Optional.of(table.name() + "." + RelationName.shown(column)),
                        table.rows()));
    }

    void add(Rule rule, Optional<String> object) {
        add(new Finding(rule, object, Optional.empty()));
    }

    /** Twice the same is once too often: an ALTER TABLE may add three columns with a default. */
    private void add(Finding finding) {
        if (!found.contains(finding)) {
            found.add(finding);
        }
    }

    List<Finding> all() {
        return found;
    }
}
