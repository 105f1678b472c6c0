/** The worker function: queue event to database, Flyway and row. */
@NullMarked
package dbmigrate.worker;

import org.jspecify.annotations.NullMarked;
