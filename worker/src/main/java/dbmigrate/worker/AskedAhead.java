package dbmigrate.worker;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What followed what in a session, and the one answer that was asked for because of it. It is known
 * from one statement that is sent to the next, and no longer.
 */
final class AskedAhead {
    static final String COMMIT = "COMMIT";

    /**
     * @param behind what it was sent along with
     */
    private record Ahead(String behind, PreparedCall question, PipelinedAnswer answer) {}

    private final Map<String, PreparedCall> followers = new HashMap<>();
    private @Nullable Ahead ahead;

    /** What was sent last; empty where nobody knows. */
    private String last = "";

    /** Notes what was sent. */
    void sent(String key) {
        last = key;
    }

    /** What a COMMIT at this point is called; empty where it is none of a migration. */
    String commit() {
        return FlywayStatements.writesHistory(last) ? COMMIT + " behind " + last : "";
    }

    /** What followed the last time. */
    Optional<PreparedCall> follower(String key) {
        return Optional.ofNullable(followers.get(key));
    }

    /** Notes what was asked ahead. */
    void asked(String behind, PreparedCall question, PipelinedAnswer answer) {
        ahead = new Ahead(behind, question, answer);
    }

    /**
     * The answer to what is asked now, where it was asked ahead; else it is noted what followed
     * what was sent last.
     */
    Optional<PipelinedAnswer> answer(PreparedCall question) {
        Ahead known = ahead;
        if (known != null && known.question().equals(question)) {
            ahead = null;
            last = "";
            return Optional.of(known.answer());
        }
        if (isOneStatement(last)
                && FlywayStatements.mayBeSentAlong(question.sql(), last.startsWith(COMMIT))) {
            followers.put(last, question);
        }
        return Optional.empty();
    }

    /** Something is sent that nobody foresaw: an answer that waits is thrown away. */
    void forget() throws SQLException {
        last = "";
        if (ahead != null) {
            followers.remove(ahead.behind());
            ahead.answer().sent().release();
            ahead = null;
        }
    }

    /** A text with several statements has several answers, and is none that Flyway sends so. */
    private static boolean isOneStatement(String key) {
        return !key.isEmpty() && key.indexOf(';') < 0;
    }
}
