@NullMarked
package dbmigrate.aws;

import org.jspecify.annotations.NullMarked;
