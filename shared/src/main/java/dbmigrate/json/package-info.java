/**
 * JSON read and written with jackson-core alone: a binding library costs 150 ms at a cold start.
 */
@NullMarked
package dbmigrate.json;

import org.jspecify.annotations.NullMarked;
