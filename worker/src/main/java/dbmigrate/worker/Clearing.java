package dbmigrate.worker;

import dbmigrate.process.Failure;
import java.util.List;

/** What was found of half-done work. */
sealed interface Clearing {
    /** Nothing was half-done. */
    record Nothing() implements Clearing {}

    /**
     * It was cleared away.
     *
     * @param done the statements of DROPs that have done their work
     */
    record Cleared(List<String> done) implements Clearing {}

    /** Nobody can be sure; no index was touched. */
    record Unclear(Failure failure) implements Clearing {}
}
