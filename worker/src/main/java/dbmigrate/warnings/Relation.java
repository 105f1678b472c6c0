package dbmigrate.warnings;

import java.util.Optional;

/**
 * A relation that stands in the database.
 *
 * @param name with its schema, quoted where SQL would quote it
 * @param rows how many the server last counted; empty where it never did
 */
record Relation(long oid, String name, Optional<Long> rows) {}
