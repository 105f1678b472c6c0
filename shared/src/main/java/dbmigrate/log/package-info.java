/** One JSON line a step. */
@NullMarked
package dbmigrate.log;

import org.jspecify.annotations.NullMarked;
