package dbmigrate.worker;

import dbmigrate.worker.PreparedCall.Parameter;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What followed what in a session, and the answers that were asked for because of it. They are kept
 * for the questions that come next, and no longer.
 */
final class AskedAhead {
    /** More than ever followed one statement. */
    private static final int MOST = 4;

    private record Ahead(PreparedCall question, PipelinedAnswer answer) {}

    /** By what was sent, and what was answered since. */
    private final Map<String, PreparedCall> followers = new HashMap<>();

    private final Deque<Ahead> waiting = new ArrayDeque<>();

    /** What was sent last, and what was answered since; empty where nobody knows. */
    private String path = "";

    /** The rank that was written last, until the history is read again. */
    private @Nullable Parameter written;

    /** Up to which rank the history is known to whoever reads it. */
    private @Nullable Parameter read;

    /** Notes what was sent. */
    void sent(String key) {
        path = key;
    }

    /** What followed the last time, in this order. */
    List<PreparedCall> followers(String key) {
        List<PreparedCall> known = new ArrayList<>();
        String at = key;
        while (followers.containsKey(at) && known.size() < MOST) {
            PreparedCall next = foreseen(Objects.requireNonNull(followers.get(at)));
            known.add(next);
            at = behind(at, next);
        }
        return known;
    }

    /** From the reading of the history on. */
    private void forgetHistory() throws SQLException {
        boolean isBehind = false;
        for (Ahead one : List.copyOf(waiting)) {
            isBehind |= FlywayStatements.readsHistory(one.question().sql());
            if (isBehind) {
                waiting.remove(one);
                one.answer().sent().release();
            }
        }
    }

    /** The history is read from where it is known. */
    private PreparedCall foreseen(PreparedCall question) {
        return read != null && FlywayStatements.readsHistory(question.sql())
                ? question.with(read)
                : question;
    }

    /** Notes what was asked ahead. */
    void asked(PreparedCall question, PipelinedAnswer answer) {
        waiting.add(new Ahead(question, answer));
    }

    /** Notes a line of the history. */
    void wrote(PreparedCall line) {
        written = line.first().orElse(null);
    }

    /**
     * The answer to what is asked now, where it was asked ahead; else it is noted what followed
     * what was sent last.
     *
     * @param isAnother whether the session has another role since what is waiting was asked, for
     *     which the history may be closed
     */
    Optional<PipelinedAnswer> answer(PreparedCall question, boolean isAnother) throws SQLException {
        if (isAnother) {
            forgetHistory();
        }
        if (FlywayStatements.readsHistory(question.sql())) {
            read = written == null ? question.first().orElse(null) : written;
            written = null;
        }
        Ahead next = waiting.peek();
        if (next != null && next.question().equals(question)) {
            waiting.remove();
            path = behind(path, question);
            return Optional.of(next.answer());
        }
        if (isOneStatement(path) && FlywayStatements.mayBeSentAlong(question.sql(), path)) {
            followers.put(path, question);
        }
        return Optional.empty();
    }

    /**
     * Something is sent that nobody foresaw: answers that wait are thrown away.
     *
     * @return the locking that was among them and has succeeded, which is to be undone
     */
    Optional<PreparedCall> forget() throws SQLException {
        if (!waiting.isEmpty()) {
            followers.remove(path);
        }
        path = "";
        Optional<PreparedCall> locked = Optional.empty();
        while (!waiting.isEmpty()) {
            Ahead next = waiting.remove();
            ResultSet rows = next.answer().rows();
            if (FlywayStatements.isLocking(next.question().sql())
                    && rows.next()
                    && rows.getBoolean(1)) {
                locked = Optional.of(next.question());
            }
            next.answer().sent().release();
        }
        return locked;
    }

    private static String behind(String path, PreparedCall question) {
        return FlywayStatements.behind(path, question.sql());
    }

    /** A text with several statements has several answers, and is none that Flyway sends so. */
    private static boolean isOneStatement(String key) {
        return !key.isEmpty() && key.indexOf(';') < 0;
    }
}
