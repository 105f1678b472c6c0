@NullMarked
package dbmigrate.parser;

import org.jspecify.annotations.NullMarked;
