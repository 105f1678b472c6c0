/** A real PostgreSQL for the tests of every module, and what goes over its wire. */
@NullMarked
package dbmigrate.testing;

import org.jspecify.annotations.NullMarked;
