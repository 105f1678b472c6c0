@NullMarked
package dbmigrate.settings;

import org.jspecify.annotations.NullMarked;
