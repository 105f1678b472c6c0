/** PostgreSQL's own parser: it is C, compiled to WebAssembly, which Chicory interprets. */
@NullMarked
package dbmigrate.parser;

import org.jspecify.annotations.NullMarked;
