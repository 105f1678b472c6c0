/** The complete system on one machine: the packaged functions, hosted as Lambda hosts them. */
@NullMarked
package dbmigrate.local;

import org.jspecify.annotations.NullMarked;
