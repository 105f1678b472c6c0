package dbmigrate.log;

import dbmigrate.json.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes one JSON object a line to standard output, where Lambda collects it. Callers pass no
 * event, no URL with a password and no secret: the log does not look for them.
 *
 * @param context members that stand in every line, such as {@code requestId} and {@code processId}
 */
public record Log(Map<String, String> context) {
    /** A stack trace is cut here: CloudWatch bills by the byte and the cause stands first. */
    private static final int LONGEST_TRACE = 8_000;

    public Log {
        context = Map.copyOf(context);
    }

    /** A log whose lines name the Lambda request that they belong to. */
    public static Log ofRequest(String requestId) {
        return new Log(Map.of("requestId", requestId));
    }

    /** The same log with one more member in every line. */
    public Log with(String name, Object value) {
        Map<String, String> more = new LinkedHashMap<>(context);
        more.put(name, value.toString());
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

    private void write(String level, String message, @Nullable Throwable cause) {
        System.out.println(
                Json.write(json -> {
                    json.writeStartObject();
                    json.writeStringField("timestamp", Instant.now().toString());
                    json.writeStringField("level", level);
                    json.writeStringField("message", message);
                    for (Map.Entry<String, String> member : context.entrySet()) {
                        json.writeStringField(member.getKey(), member.getValue());
                    }
                    if (cause != null) {
                        json.writeStringField("cause", trace(cause));
                    }
                    json.writeEndObject();
                }));
    }

    private static String trace(Throwable cause) {
        StringWriter trace = new StringWriter();
        cause.printStackTrace(new PrintWriter(trace));
        return trace.toString().substring(0, Math.min(LONGEST_TRACE, trace.getBuffer().length()));
    }
}
