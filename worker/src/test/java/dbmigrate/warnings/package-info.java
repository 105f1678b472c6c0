@NullMarked
package dbmigrate.warnings;

import org.jspecify.annotations.NullMarked;
