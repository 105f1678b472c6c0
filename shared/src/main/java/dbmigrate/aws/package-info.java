/** What the clients of AWS have in common. */
@NullMarked
package dbmigrate.aws;

import org.jspecify.annotations.NullMarked;
