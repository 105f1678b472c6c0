/** A real PostgreSQL for the tests of every module. */
@NullMarked
package dbmigrate.testing;

import org.jspecify.annotations.NullMarked;
