package dbmigrate.log;

import com.fasterxml.jackson.core.JsonGenerator;
import dbmigrate.json.Json;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * Writes one JSON object a line to standard output, where Lambda collects it. Callers pass no
 * event, no URL with a password and no secret: the log does not look for them.
 *
 * <p>Each line has {@code timestamp}, {@code level} and {@code message}, which Lambda's JSON format
 * knows and passes through.
 *
 * @param context members that stand in every line, such as {@code requestId} and {@code processId};
 *     a {@link Number} is written as one, everything else as text
 */
public record Log(Map<String, Object> context) {
    /** A stack trace is cut here: CloudWatch bills by the byte and the cause stands first. */
    private static final int LONGEST_TRACE = 8_000;

    /** Enough to see where a cause comes from; those further down are the runtime's own. */
    private static final int FRAMES_PER_CAUSE = 12;

    /** The SQLSTATEs whose messages speak of hosts, users and databases alone. */
    private static final List<String> CONNECTING = List.of("08", "28", "3D", "57P");

    /**
     * What the lines of libraries belong to: an instance of a function does one thing at a time.
     */
    private static volatile Log ofLibraries = new Log(Map.of());

    public Log {
        context = Map.copyOf(context);
    }

    /** A log whose lines name the Lambda request that they belong to; those of libraries, too. */
    public static Log ofRequest(String requestId) {
        return new Log(Map.of("requestId", requestId)).forLibraries();
    }

    /** Has the lines of libraries carry the members of this log from now on. */
    public Log forLibraries() {
        ofLibraries = this;
        return this;
    }

    /** The log that the lines of a library go to. */
    static Log ofLibrary(String logger) {
        return ofLibraries.with("logger", logger);
    }

    /** The same log with one more member in every line. */
    public Log with(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(context);
        more.put(name, value);
        return new Log(more);
    }

    public void info(String message) {
        write("INFO", message, null);
    }

    public void warn(String message) {
        write("WARN", message, null);
    }

    public void warn(String message, Throwable cause) {
        write("WARN", message, cause);
    }

    public void error(String message, Throwable cause) {
        write("ERROR", message, cause);
    }

    /** A line of a level that SLF4J names. */
    void write(Level level, String message, @Nullable Throwable cause) {
        write(level.name(), message, cause);
    }

    /** A line that CloudWatch makes metrics of; the context stands in it as in any other. */
    public void metrics(Metrics metrics) {
        line("INFO", "metrics", metrics::write);
    }

    private void write(String level, String message, @Nullable Throwable cause) {
        line(
                level,
                message,
                (json, _) -> {
                    if (cause != null) {
                        json.writeStringField("cause", trace(cause));
                    }
                });
    }

    /** What stands in a line besides that which stands in every one. */
    @FunctionalInterface
    private interface Members {
        void to(JsonGenerator json, Instant now) throws IOException;
    }

    private void line(String level, String message, Members more) {
        Instant now = Instant.now();
        System.out.println(
                Json.write(json -> {
                    json.writeStartObject();
                    json.writeStringField("timestamp", now.toString());
                    json.writeStringField("level", level);
                    json.writeStringField("message", message);
                    for (Map.Entry<String, Object> member : context.entrySet()) {
                        json.writeFieldName(member.getKey());
                        writeValue(json, member.getValue());
                    }
                    more.to(json, now);
                    json.writeEndObject();
                }));
    }

    private static void writeValue(JsonGenerator json, Object value) throws IOException {
        if (value instanceof Number number) {
            json.writeNumber(number.toString());
        } else {
            json.writeString(value.toString());
        }
    }

    /**
     * The chain of causes with their frames. The messages of the server and of those that repeat
     * them are left out but for what connecting says: they quote statements and values of tables.
     */
    private static String trace(Throwable cause) {
        StringBuilder trace = new StringBuilder();
        for (Throwable at = cause;
                at != null && trace.length() < LONGEST_TRACE;
                at = at.getCause()) {
            trace.append(at.getClass().getName()).append(said(at)).append('\n');
            Stream.of(at.getStackTrace())
                    .limit(FRAMES_PER_CAUSE)
                    .forEach(frame -> trace.append("    at ").append(frame).append('\n'));
        }
        return trace.substring(0, Math.min(LONGEST_TRACE, trace.length()));
    }

    private static String said(Throwable failure) {
        if (failure instanceof SQLException sql) {
            String state = String.valueOf(sql.getSQLState());
            boolean connecting = CONNECTING.stream().anyMatch(state::startsWith);
            return " [" + state + "]" + (connecting ? ": " + sql.getMessage() : "");
        }
        boolean repeats = failure.getClass().getName().startsWith("org.flywaydb.");
        return repeats || failure.getMessage() == null ? "" : ": " + failure.getMessage();
    }
}
