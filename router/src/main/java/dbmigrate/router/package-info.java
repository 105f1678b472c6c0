/** The router function: HTTP event to row and message, row to HTTP. */
@NullMarked
package dbmigrate.router;

import org.jspecify.annotations.NullMarked;
