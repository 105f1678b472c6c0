package dbmigrate.warnings;

import com.fasterxml.jackson.core.JsonGenerator;
import dbmigrate.json.Json;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a statement of a pending migration would do to what stands in the database.
 *
 * @param script the migration's file
 * @param line where the statement begins, the first is 1; of {@code unknown-rule}, the comment
 * @param object what it does it to, with its schema; empty where that is no one thing
 * @param rows how many rows the server last counted there; empty where it never did
 * @param statement its beginning, without values
 * @param accepted the reason that a comment gives for it
 */
public record Warning(
        Rule rule,
        String script,
        int line,
        Optional<String> object,
        Optional<Long> rows,
        String statement,
        Optional<String> accepted) {
    /** Writes its object. */
    public void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("rule", rule.id());
        json.writeStringField("script", script);
        json.writeNumberField("line", line);
        Json.member(json, "object", object.orElse(null));
        Json.number(json, "rows", rows.orElse(null));
        json.writeStringField("statement", statement);
        json.writeStringField("why", rule.why());
        json.writeStringField("safeWay", rule.safeWay());
        Json.member(json, "accepted", accepted.orElse(null));
        json.writeEndObject();
    }

    /** A row's; together they have 1 MB at the most. */
    private static final int MOST = 1000;

    /**
     * Writes an array of them; of more than a thousand as many, of which those that nobody accepts
     * come before the others: by them a later attempt knows what was refused.
     */
    public static String json(List<Warning> warnings) {
        return Json.write(json -> {
            json.writeStartArray();
            for (Warning warning : kept(warnings)) {
                warning.write(json);
            }
            json.writeEndArray();
        });
    }

    /** In their own order. */
    private static List<Warning> kept(List<Warning> warnings) {
        if (warnings.size() <= MOST) {
            return warnings;
        }
        BitSet kept = new BitSet();
        for (boolean accepted : new boolean[] {false, true}) {
            IntStream.range(0, warnings.size())
                    .filter(i -> warnings.get(i).accepted().isPresent() == accepted)
                    .limit(MOST - kept.cardinality())
                    .forEach(kept::set);
        }
        return kept.stream().mapToObj(warnings::get).toList();
    }
}
