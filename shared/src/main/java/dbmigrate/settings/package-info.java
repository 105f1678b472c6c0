/** What the functions read from the environment, checked as a whole before anything runs. */
@NullMarked
package dbmigrate.settings;

import org.jspecify.annotations.NullMarked;
