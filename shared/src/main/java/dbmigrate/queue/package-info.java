/** The message between router and worker. */
@NullMarked
package dbmigrate.queue;

import org.jspecify.annotations.NullMarked;
