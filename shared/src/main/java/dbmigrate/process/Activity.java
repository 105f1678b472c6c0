package dbmigrate.process;

import com.fasterxml.jackson.core.JsonGenerator;
import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the session that migrates does at this moment, in words that a caller may read: literals are
 * masked before an activity is made.
 *
 * @param statement the statement that runs, at most {@link #LONGEST_STATEMENT} characters of it
 * @param statementStartedAt since when it runs
 * @param phase PostgreSQL's name for what the statement does now
 * @param percent how much of this phase is done; no phase says anything about the others
 * @param rows how many rows this phase has processed
 * @param bytes how many bytes of the relation or the file this phase has processed
 * @param waitingFor the lock that the statement waits for
 */
public record Activity(
        Optional<String> statement,
        Optional<Instant> statementStartedAt,
        Optional<String> phase,
        Optional<Integer> percent,
        Optional<Amount> rows,
        Optional<Amount> bytes,
        Optional<LockWait> waitingFor) {
    /** How many characters of a statement are shown. */
    public static final int LONGEST_STATEMENT = 200;

    /** Nothing that is known. */
    public static final Activity NONE =
            new Activity(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    public Activity {
        checkLength(statement);
        if (percent.filter(part -> part < 0 || part > 100).isPresent()) {
            throw new IllegalArgumentException("no part of a hundred: " + percent.get());
        }
    }

    /**
     * How much is done.
     *
     * @param total of how much; empty where PostgreSQL does not know
     */
    public record Amount(long done, Optional<Long> total) {
        public Amount {
            if (done < 0 || total.filter(all -> all < 0).isPresent()) {
                throw new IllegalArgumentException("less than nothing: " + done + " of " + total);
            }
        }

        /** The part that is done, rounded down; empty where there is nothing to do. */
        public Optional<Integer> percent() {
            return total.filter(all -> all > 0)
                    .map(all -> Math.toIntExact(Math.min(100, 100 * done / all)));
        }

        private void write(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeNumberField("done", done);
            Json.number(json, "total", total.orElse(null));
            json.writeEndObject();
        }

        private static Amount read(JsonObject json) {
            return new Amount(json.number("done").orElseThrow(), json.number("total"));
        }
    }

    /**
     * A lock that is not granted yet.
     *
     * @param lock its mode, as pg_locks calls it
     * @param relation on what, with its schema and quoted where SQL would quote it; empty where the
     *     lock is on no relation or its name is not to be had
     * @param since when the wait began
     * @param blockedBy who holds it, or waits for it further ahead
     */
    public record LockWait(
            String lock,
            Optional<String> relation,
            Optional<Instant> since,
            List<Blocker> blockedBy) {
        public LockWait {
            blockedBy = List.copyOf(blockedBy);
        }

        private void write(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeStringField("lock", lock);
            Json.member(json, "relation", relation.orElse(null));
            Json.time(json, "since", since.orElse(null));
            json.writeArrayFieldStart("blockedBy");
            for (Blocker blocker : blockedBy) {
                blocker.write(json);
            }
            json.writeEndArray();
            json.writeEndObject();
        }

        private static LockWait read(JsonObject json) {
            return new LockWait(
                    json.string("lock").orElseThrow(),
                    json.string("relation"),
                    json.time("since"),
                    json.objects("blockedBy").stream().map(Blocker::read).toList());
        }
    }

    /**
     * Another session that keeps the one that migrates waiting.
     *
     * @param pid its process id; 0 is a prepared transaction, which has no session
     * @param application what the session calls itself
     * @param state as pg_stat_activity says it; empty where the role may not see it
     * @param since since when it is in that state
     * @param query its last statement, at most {@link #LONGEST_STATEMENT} characters of it
     */
    public record Blocker(
            int pid,
            Optional<String> application,
            Optional<String> state,
            Optional<Instant> since,
            Optional<String> query) {
        public Blocker {
            checkLength(query);
        }

        private void write(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeNumberField("pid", pid);
            Json.member(json, "application", application.orElse(null));
            Json.member(json, "state", state.orElse(null));
            Json.time(json, "since", since.orElse(null));
            Json.member(json, "query", query.orElse(null));
            json.writeEndObject();
        }

        private static Blocker read(JsonObject json) {
            return new Blocker(
                    json.integer("pid").orElseThrow(),
                    json.string("application"),
                    json.string("state"),
                    json.time("since"),
                    json.string("query"));
        }
    }

    /** Writes the members of the HTTP contract into an object that has been begun. */
    public void writeMembers(JsonGenerator json) throws IOException {
        Json.member(json, "statement", statement.orElse(null));
        Json.time(json, "statementStartedAt", statementStartedAt.orElse(null));
        Json.member(json, "phase", phase.orElse(null));
        Json.number(json, "percent", percent.orElse(null));
        amount(json, "rows", rows);
        amount(json, "bytes", bytes);
        json.writeFieldName("waitingFor");
        if (waitingFor.isPresent()) {
            waitingFor.get().write(json);
        } else {
            json.writeNull();
        }
    }

    String toJson() {
        return Json.write(json -> {
            json.writeStartObject();
            writeMembers(json);
            json.writeEndObject();
        });
    }

    static Activity parse(String text) {
        try {
            JsonObject json = JsonObject.of(Json.read(text));
            return new Activity(
                    json.string("statement"),
                    json.time("statementStartedAt"),
                    json.string("phase"),
                    json.integer("percent"),
                    json.presentObject("rows").map(Amount::read),
                    json.presentObject("bytes").map(Amount::read),
                    json.presentObject("waitingFor").map(LockWait::read));
        } catch (MalformedJsonException e) {
            throw new IllegalStateException("an activity in a row is no JSON", e);
        }
    }

    private static void amount(JsonGenerator json, String name, Optional<Amount> amount)
            throws IOException {
        json.writeFieldName(name);
        if (amount.isPresent()) {
            amount.get().write(json);
        } else {
            json.writeNull();
        }
    }

    private static void checkLength(Optional<String> statement) {
        if (statement
                .filter(sql -> sql.codePointCount(0, sql.length()) > LONGEST_STATEMENT)
                .isPresent()) {
            throw new IllegalArgumentException("a statement that nobody has cut");
        }
    }
}
