/** Warnings about statements that stop an application or lose data; docs/warnings.md says which. */
@NullMarked
package dbmigrate.warnings;

import org.jspecify.annotations.NullMarked;
