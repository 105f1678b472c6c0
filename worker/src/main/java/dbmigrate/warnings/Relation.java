package dbmigrate.warnings;

import java.util.Optional;

/**
 * A relation that stands in the database.
 *
 * @param schema its schema's name
 * @param name with its schema, quoted where SQL would quote it
 * @param kind as pg_class.relkind has it
 * @param rows how many the server last counted; empty where it never did
 */
record Relation(long oid, String schema, String name, String kind, Optional<Long> rows) {
    boolean isPartitioned() {
        return kind.equals("p");
    }

    boolean isIndex() {
        return kind.equals("i") || kind.equals("I");
    }
}
