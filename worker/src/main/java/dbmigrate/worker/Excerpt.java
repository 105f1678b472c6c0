package dbmigrate.worker;

import dbmigrate.process.Activity;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What is shown of a statement that pg_stat_activity tells: it is masked and cut.
 *
 * @param longest how many bytes of a statement the server keeps, one for its end among them
 */
record Excerpt(Masking masking, long longest) {
    /** How many characters of a statement are to be fetched. */
    static final int FETCHED = 2_000;

    private static final String MASK = "…";

    /** A character that does not fit the server's limit is left out as a whole. */
    private static final int LONGEST_CHARACTER = 4;

    /**
     * The beginning of a statement. Where the server has cut it already its last word goes: it may
     * be the first half of a value that is only known as a whole.
     *
     * @return empty where nothing but comments is left
     */
    Optional<String> of(String query) {
        int end = Math.max(query.lastIndexOf(' '), query.lastIndexOf('\n')) + 1;
        String masked = masking.statement(isCut(query) ? query.substring(0, end) + MASK : query);
        if (masked.codePointCount(0, masked.length()) > Activity.LONGEST_STATEMENT) {
            int last = masked.offsetByCodePoints(0, Activity.LONGEST_STATEMENT - MASK.length());
            masked = masked.substring(0, last) + MASK;
        }
        return Optional.of(masked).filter(text -> !text.isEmpty());
    }

    private boolean isCut(String query) {
        return query.length() >= FETCHED
                || query.getBytes(StandardCharsets.UTF_8).length >= longest - LONGEST_CHARACTER;
    }
}
