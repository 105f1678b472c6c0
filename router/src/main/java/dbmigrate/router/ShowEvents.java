package dbmigrate.router;

import com.fasterxml.jackson.core.JsonGenerator;
import dbmigrate.json.Json;
import dbmigrate.process.AuditTrail;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

/** {@code GET /db-migrate/{processId}/events}: what became of a process, the oldest first. */
record ShowEvents(AuditTrail trail) {
    HttpResponse answer(UUID id, Caller caller) throws SQLException {
        List<AuditTrail.Event> events =
                trail.of(id, caller.grants())
                        .orElseThrow(() -> new ProblemException(Problem.unknownProcess()));
        return HttpResponse.json(
                200,
                json -> {
                    json.writeStartObject();
                    json.writeStringField("processId", id.toString());
                    json.writeArrayFieldStart("events");
                    for (AuditTrail.Event event : events) {
                        write(json, event);
                    }
                    json.writeEndArray();
                    json.writeEndObject();
                });
    }

    private static void write(JsonGenerator json, AuditTrail.Event event) throws IOException {
        json.writeStartObject();
        json.writeStringField("at", ProcessJson.TIME.format(event.at()));
        json.writeStringField("event", event.event());
        json.writeStringField("state", event.state().name());
        json.writeNumberField("attempt", event.attempt());
        Json.member(json, "identity", event.identity().orElse(null));
        Json.member(json, "cause", event.cause().orElse(null));
        json.writeEndObject();
    }
}
