@NullMarked
package dbmigrate.queue;

import org.jspecify.annotations.NullMarked;
