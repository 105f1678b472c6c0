@NullMarked
package dbmigrate.log;

import org.jspecify.annotations.NullMarked;
