@NullMarked
package dbmigrate.process;

import org.jspecify.annotations.NullMarked;
