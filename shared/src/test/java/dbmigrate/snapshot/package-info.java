@NullMarked
package dbmigrate.snapshot;

import org.jspecify.annotations.NullMarked;
