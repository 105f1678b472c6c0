@NullMarked
package dbmigrate.router;

import org.jspecify.annotations.NullMarked;
