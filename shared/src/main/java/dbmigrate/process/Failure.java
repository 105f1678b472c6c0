package dbmigrate.process;

import com.fasterxml.jackson.core.JsonGenerator;
import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import java.io.IOException;
import java.util.Optional;

/**
 * Why a process or an attempt failed, in words that a caller may read: values and literals are
 * masked before a failure is made.
 *
 * @param code a name that a program can switch on
 * @param title what the code means, in a few words
 * @param detail what happened, to what, and what to check
 * @param sqlState PostgreSQL's five characters
 * @param script the migration's file
 * @param line the line of the script on which the failing statement begins
 * @param statement the failing statement, literals masked
 * @param hint PostgreSQL's hint or what to do next
 */
public record Failure(
        FailureCode code,
        String title,
        String detail,
        Optional<String> sqlState,
        Optional<String> script,
        Optional<Integer> line,
        Optional<String> statement,
        Optional<String> hint) {
    /** A failure that has nothing to do with one statement. */
    public static Failure of(FailureCode code, String detail) {
        return new Failure(
                code,
                code.title(),
                detail,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** The same failure with the SQLSTATE that PostgreSQL gave. */
    public Failure withSqlState(Optional<String> state) {
        return new Failure(code, title, detail, state, script, line, statement, hint);
    }

    /** The same failure with the migration that it happened in. */
    public Failure withScript(Optional<String> file) {
        return new Failure(code, title, detail, sqlState, file, line, statement, hint);
    }

    /** Writes the object of the HTTP contract. */
    public void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("code", code.name());
        json.writeStringField("title", title);
        json.writeStringField("detail", detail);
        Json.member(json, "sqlState", sqlState.orElse(null));
        Json.member(json, "script", script.orElse(null));
        if (line.isPresent()) {
            json.writeNumberField("line", line.get());
        } else {
            json.writeNullField("line");
        }
        Json.member(json, "statement", statement.orElse(null));
        Json.member(json, "hint", hint.orElse(null));
        json.writeEndObject();
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

    static Failure read(JsonObject json) {
        return new Failure(
                FailureCode.of(json.string("code").orElse("")),
                json.string("title").orElse(""),
                json.string("detail").orElse(""),
                json.string("sqlState"),
                json.string("script"),
                json.integer("line"),
                json.string("statement"),
                json.string("hint"));
    }
}
