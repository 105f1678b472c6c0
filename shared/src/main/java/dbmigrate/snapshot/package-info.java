/** What is done before Lambda takes a snapshot of a function (SnapStart). */
@NullMarked
package dbmigrate.snapshot;

import org.jspecify.annotations.NullMarked;
