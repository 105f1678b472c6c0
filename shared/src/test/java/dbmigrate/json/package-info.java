@NullMarked
package dbmigrate.json;

import org.jspecify.annotations.NullMarked;
