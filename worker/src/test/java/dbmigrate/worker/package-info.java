@NullMarked
package dbmigrate.worker;

import org.jspecify.annotations.NullMarked;
