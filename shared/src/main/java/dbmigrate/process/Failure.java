package dbmigrate.process;

import com.fasterxml.jackson.core.JsonGenerator;
import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Why a process or an attempt failed, in words that a caller may read: values and literals are
 * masked before a failure is made.
 *
 * @param code a name that a program can switch on
 * @param title what the code means, in a few words
 * @param detail what happened, to what, and what to check
 * @param sqlState PostgreSQL's five characters
 * @param script the migration's file
 * @param line the line of the script where PostgreSQL points, else where the failing statement
 *     begins; the first is 1
 * @param column the same within that line, in characters
 * @param position PostgreSQL's own: characters into the statement, the first is 1
 * @param statement the failing statement, literals masked
 * @param constraint the name of the constraint that was violated
 * @param hint PostgreSQL's own
 * @param action what to do next, in one or two sentences
 */
public record Failure(
        FailureCode code,
        String title,
        String detail,
        Optional<String> sqlState,
        Optional<String> script,
        Optional<Integer> line,
        Optional<Integer> column,
        Optional<Integer> position,
        Optional<String> statement,
        Optional<String> constraint,
        Optional<String> hint,
        String action) {
    /** A failure that has nothing to do with one statement. */
    public static Failure of(FailureCode code, String detail) {
        return new Draft(code, detail).failure();
    }

    /** The same place and statement, which another code explains better. */
    public Failure as(FailureCode other, String text) {
        return with(draft -> {
            draft.code = other;
            draft.title = other.title();
            draft.detail = text;
            draft.action = other.action();
        });
    }

    /** The same failure with more said of it. */
    public Failure withDetail(String text) {
        return with(draft -> draft.detail = text);
    }

    /** The same failure with the SQLSTATE that PostgreSQL gave. */
    public Failure withSqlState(Optional<String> state) {
        return with(draft -> draft.sqlState = state);
    }

    /** The same failure with the migration that it happened in. */
    public Failure withScript(Optional<String> file) {
        return with(draft -> draft.script = file);
    }

    /** The same failure with the line of its script. */
    public Failure withLine(int number) {
        return with(draft -> draft.line = Optional.of(number));
    }

    /** The same failure with the statement that failed, literals masked. */
    public Failure withStatement(String masked) {
        return with(draft -> draft.statement = Optional.of(masked));
    }

    /** The same failure with the names and hints that PostgreSQL gave beside its message. */
    public Failure withServerWords(Optional<String> constraintName, Optional<String> serverHint) {
        return with(draft -> {
            draft.constraint = constraintName;
            draft.hint = serverHint;
        });
    }

    /** The same failure with what to do next, where that is known better than the code knows it. */
    public Failure withAction(String next) {
        return with(draft -> draft.action = next);
    }

    private Failure with(Consumer<Draft> change) {
        Draft draft = new Draft(code, detail);
        draft.title = title;
        draft.sqlState = sqlState;
        draft.script = script;
        draft.line = line;
        draft.column = column;
        draft.position = position;
        draft.statement = statement;
        draft.constraint = constraint;
        draft.hint = hint;
        draft.action = action;
        change.accept(draft);
        return draft.failure();
    }

    /**
     * A failure of which one thing is about to change: Java's records have no copy with changes.
     */
    private static final class Draft {
        private FailureCode code;
        private String title;
        private String detail;
        private Optional<String> sqlState = Optional.empty();
        private Optional<String> script = Optional.empty();
        private Optional<Integer> line = Optional.empty();
        private Optional<Integer> column = Optional.empty();
        private Optional<Integer> position = Optional.empty();
        private Optional<String> statement = Optional.empty();
        private Optional<String> constraint = Optional.empty();
        private Optional<String> hint = Optional.empty();
        private String action;

        private Draft(FailureCode code, String detail) {
            this.code = code;
            this.title = code.title();
            this.detail = detail;
            this.action = code.action();
        }

        private Failure failure() {
            return new Failure(
                    code,
                    title,
                    detail,
                    sqlState,
                    script,
                    line,
                    column,
                    position,
                    statement,
                    constraint,
                    hint,
                    action);
        }
    }

    /** Writes the object of the HTTP contract. */
    public void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("code", code.name());
        json.writeStringField("title", title);
        json.writeStringField("detail", detail);
        Json.member(json, "sqlState", sqlState.orElse(null));
        Json.member(json, "script", script.orElse(null));
        number(json, "line", line);
        number(json, "column", column);
        number(json, "position", position);
        Json.member(json, "statement", statement.orElse(null));
        Json.member(json, "constraint", constraint.orElse(null));
        Json.member(json, "hint", hint.orElse(null));
        json.writeStringField("action", action);
        json.writeEndObject();
    }

    private static void number(JsonGenerator json, String name, Optional<Integer> value)
            throws IOException {
        if (value.isPresent()) {
            json.writeNumberField(name, value.get());
        } else {
            json.writeNullField(name);
        }
    }

    String toJson() {
        return Json.write(this::write);
    }

    static Failure parse(String text) {
        try {
            return read(JsonObject.of(Json.read(text)));
        } catch (MalformedJsonException e) {
            throw new IllegalStateException("a failure in a row is no JSON", e);
        }
    }

    /** Reads also what an older function wrote, which knew fewer members. */
    static Failure read(JsonObject json) {
        FailureCode code = FailureCode.of(json.string("code").orElse(""));
        return new Failure(
                code,
                json.string("title").orElse(""),
                json.string("detail").orElse(""),
                json.string("sqlState"),
                json.string("script"),
                json.integer("line"),
                json.integer("column"),
                json.integer("position"),
                json.string("statement"),
                json.string("constraint"),
                json.string("hint"),
                json.string("action").orElse(code.action()));
    }
}
