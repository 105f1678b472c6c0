/** A migration process: its row, and every change of it as a conditional update. */
@NullMarked
package dbmigrate.process;

import org.jspecify.annotations.NullMarked;
