package dbmigrate.router;

import com.fasterxml.jackson.core.JsonGenerator;
import dbmigrate.json.Json;
import dbmigrate.process.Activity;
import dbmigrate.process.Command;
import dbmigrate.process.Failure;
import dbmigrate.process.MigrationProcess;
import dbmigrate.process.MigrationProcess.CurrentMigration;
import dbmigrate.process.MigrationProcess.EndedAttempt;
import dbmigrate.process.MigrationProcess.SettledMigration;
import dbmigrate.process.ProcessList;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * Writes a process as the HTTP contract shows it: what is absent is null, never a missing member.
 *
 * @param applied how many migrations were applied
 * @param whole whether it is shown as a whole, or as a list shows it
 */
record ProcessJson(MigrationProcess process, long applied, boolean whole) implements Json.Writing {
    /** RFC 3339 in UTC with milliseconds, always three digits of them. */
    static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    static ProcessJson whole(MigrationProcess process) {
        return new ProcessJson(process, process.applied(), true);
    }

    /** Without its migrations, earlier attempts, warnings and result. */
    static ProcessJson summary(ProcessList.Listed listed) {
        return new ProcessJson(listed.process(), listed.applied(), false);
    }

    /** The path of a process. */
    static String path(MigrationProcess process) {
        return "/db-migrate/" + process.id();
    }

    @Override
    public void to(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("processId", process.id().toString());
        json.writeStringField("command", word(process.command()));
        json.writeStringField("database", process.database());
        json.writeStringField("state", process.state().name());
        json.writeNumberField("attempt", process.attempt());
        Json.member(json, "requestedBy", process.requestedBy().orElse(null));
        json.writeStringField("requestedAt", TIME.format(process.requestedAt()));
        time(json, "startedAt", process.startedAt());
        time(json, "finishedAt", process.finishedAt());
        json.writeBooleanField("databaseCreated", process.databaseCreated());
        json.writeObjectFieldStart("schemaVersion");
        Json.member(json, "before", process.schemaBefore().orElse(null));
        Json.member(json, "now", process.schemaNow().orElse(null));
        json.writeEndObject();
        progress(json);
        if (whole) {
            details(json);
        }
        failure(json, process.error());
        json.writeObjectFieldStart("links");
        json.writeStringField("self", path(process));
        if (process.state().ended()) {
            json.writeNullField("cancel");
        } else {
            json.writeStringField("cancel", path(process) + "/cancel");
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    /** A newer function's word stays as it is. */
    private static String word(String command) {
        Command known = Command.of(command);
        return known == Command.UNKNOWN ? command : known.word();
    }

    private void details(JsonGenerator json) throws IOException {
        json.writeArrayFieldStart("migrations");
        for (SettledMigration migration : process.migrations()) {
            migration(json, migration);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("attempts");
        for (EndedAttempt attempt : process.attempts()) {
            attempt(json, attempt);
        }
        json.writeEndArray();
        json.writeFieldName("warnings");
        json.writeRawValue(process.warnings().orElse("[]"));
        json.writeFieldName("result");
        // It is the worker's own JSON, which PostgreSQL has looked at.
        json.writeRawValue(process.result().orElse("null"));
    }

    private void progress(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("progress");
        json.writeNumberField("applied", applied);
        if (process.total().isPresent()) {
            json.writeNumberField("total", process.total().get());
        } else {
            json.writeNullField("total");
        }
        if (process.current().isPresent()) {
            current(json, process.current().get());
        } else {
            json.writeNullField("current");
        }
        json.writeEndObject();
    }

    private static void current(JsonGenerator json, CurrentMigration current) throws IOException {
        json.writeObjectFieldStart("current");
        Json.member(json, "version", current.version().orElse(null));
        json.writeStringField("description", current.description());
        json.writeStringField("script", current.script());
        json.writeStringField("startedAt", TIME.format(current.startedAt()));
        current.activity().orElse(Activity.NONE).writeMembers(json);
        json.writeEndObject();
    }

    private static void migration(JsonGenerator json, SettledMigration migration)
            throws IOException {
        json.writeStartObject();
        Json.member(json, "version", migration.version().orElse(null));
        json.writeStringField("description", migration.description());
        json.writeStringField("script", migration.script());
        json.writeStringField("state", migration.state());
        json.writeStringField("startedAt", TIME.format(migration.startedAt()));
        json.writeNumberField("durationMs", migration.durationMs());
        json.writeEndObject();
    }

    private static void attempt(JsonGenerator json, EndedAttempt attempt) throws IOException {
        json.writeStartObject();
        json.writeNumberField("attempt", attempt.attempt());
        json.writeStringField("startedAt", TIME.format(attempt.startedAt()));
        json.writeStringField("endedAt", TIME.format(attempt.endedAt()));
        json.writeStringField("reason", attempt.reason());
        failure(json, attempt.error());
        json.writeEndObject();
    }

    private static void failure(JsonGenerator json, Optional<Failure> failure) throws IOException {
        json.writeFieldName("error");
        if (failure.isPresent()) {
            failure.get().write(json);
        } else {
            json.writeNull();
        }
    }

    private static void time(JsonGenerator json, String name, Optional<Instant> time)
            throws IOException {
        Json.member(json, name, time.map(TIME::format).orElse(null));
    }
}
