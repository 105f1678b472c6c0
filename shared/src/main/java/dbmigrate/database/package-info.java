/** The server and its databases: the URL that names them, and sessions with them. */
@NullMarked
package dbmigrate.database;

import org.jspecify.annotations.NullMarked;
