@NullMarked
package dbmigrate.credentials;

import org.jspecify.annotations.NullMarked;
