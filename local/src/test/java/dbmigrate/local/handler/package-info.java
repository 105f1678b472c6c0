/** Code that runs inside the tests' functions. */
@NullMarked
package dbmigrate.local.handler;

import org.jspecify.annotations.NullMarked;
