package dbmigrate.database;

import java.util.Map;
import java.util.Set;

/** What becomes of one parameter of a database URL. */
sealed interface ParameterRule {
    /** It is looked at together with others, under this name. */
    record Understood(String as) implements ParameterRule {}

    /** pgjdbc honours it under this name, whatever its value. */
    record Passed(String property) implements ParameterRule {}

    /** pgjdbc honours these values of it under this name, by the words that it has for them. */
    record Translated(String property, Map<String, String> values) implements ParameterRule {}

    /**
     * pgjdbc honours lists of these words, separated by commas, under this name; ! negates a word.
     */
    record Listed(String property, Set<String> words) implements ParameterRule {}

    /** These values, in lower case, ask for what happens anyway; others cannot be had. */
    record Fulfilled(Set<String> values, String reason) implements ParameterRule {}

    /** It cannot be honoured, and leaving it out would break what it promises. */
    record Refused(String reason) implements ParameterRule {}

    /** A migration goes as well without it. */
    record Ignored() implements ParameterRule {}
}
