package dbmigrate.worker;

import com.fasterxml.jackson.core.JsonGenerator;
import dbmigrate.json.Json;
import dbmigrate.worker.CatalogState.DatabaseObject;
import dbmigrate.worker.CatalogState.TouchedRows;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;

/**
 * What a rehearsal says of one migration.
 *
 * @param transactional whether it can run in a transaction
 * @param reason why it was not run; empty where it was
 * @param measured what it did; empty where it did not come to its end
 */
record RehearsedMigration(
        MigrationInfo migration,
        State state,
        boolean transactional,
        Optional<String> reason,
        Optional<Duration> took,
        Optional<Measured> measured) {
    /** Of each list; a first migration may make thousands of objects. */
    private static final int MOST = 200;

    /** What became of it. */
    enum State {
        RAN("ran"),
        FAILED("failed"),
        NOT_RUN("notRun"),
        NOT_REACHED("notReached");

        private final String text;

        State(String text) {
            this.text = text;
        }
    }

    /**
     * What it did.
     *
     * @param rows empty where it was not one transaction, or the server does not count
     * @param locks those that it held at its end; empty where it was not one transaction
     */
    record Measured(
            Optional<TouchedRows> rows,
            Optional<List<HeldLock>> locks,
            List<DatabaseObject> created,
            List<DatabaseObject> dropped,
            List<String> rewritten) {}

    /**
     * A lock at a migration's end.
     *
     * @param since the earlier migration of this rehearsal that holds it; empty where this one took
     *     it
     */
    record HeldLock(String mode, String relation, Optional<String> since) {}

    String script() {
        return migration.getScript();
    }

    /** The same, whose commit failed in the end. */
    RehearsedMigration failed() {
        return new RehearsedMigration(
                migration, State.FAILED, transactional, reason, took, measured);
    }

    String json() {
        return Json.write(json -> {
            json.writeStartObject();
            MigrationVersion version = migration.getVersion();
            Json.member(json, "version", version == null ? null : version.getVersion());
            Json.member(json, "description", migration.getDescription());
            Json.member(json, "script", script());
            json.writeStringField("state", state.text);
            json.writeBooleanField("transactional", transactional);
            Json.member(json, "reason", reason.orElse(null));
            Json.number(json, "durationMs", took.map(Duration::toMillis).orElse(null));
            rows(json);
            locks(json);
            objects(json, "created", measured.map(Measured::created));
            objects(json, "dropped", measured.map(Measured::dropped));
            json.writeArrayFieldStart("rewritten");
            for (String relation : first(measured.map(Measured::rewritten))) {
                json.writeString(relation);
            }
            json.writeEndArray();
            json.writeNumberField("omitted", omitted());
            json.writeEndObject();
        });
    }

    private int omitted() {
        return measured.map(did ->
                        beyond(did.locks().orElse(List.of()))
                                + beyond(did.created())
                                + beyond(did.dropped())
                                + beyond(did.rewritten()))
                .orElse(0);
    }

    private static int beyond(List<?> all) {
        return Math.max(0, all.size() - MOST);
    }

    private static <T> List<T> first(Optional<List<T>> all) {
        return all.orElse(List.of()).stream().limit(MOST).toList();
    }

    private void rows(JsonGenerator json) throws IOException {
        Optional<TouchedRows> rows = measured.flatMap(Measured::rows);
        if (rows.isEmpty()) {
            json.writeNullField("rows");
            return;
        }
        json.writeObjectFieldStart("rows");
        json.writeNumberField("inserted", rows.get().inserted());
        json.writeNumberField("updated", rows.get().updated());
        json.writeNumberField("deleted", rows.get().deleted());
        json.writeEndObject();
    }

    private void locks(JsonGenerator json) throws IOException {
        Optional<List<HeldLock>> locks = measured.flatMap(Measured::locks);
        if (locks.isEmpty()) {
            json.writeNullField("locks");
            return;
        }
        json.writeArrayFieldStart("locks");
        for (HeldLock lock : first(locks)) {
            json.writeStartObject();
            json.writeStringField("mode", lock.mode());
            json.writeStringField("relation", lock.relation());
            Json.member(json, "since", lock.since().orElse(null));
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void objects(
            JsonGenerator json, String name, Optional<List<DatabaseObject>> objects)
            throws IOException {
        json.writeArrayFieldStart(name);
        for (DatabaseObject object : first(objects)) {
            json.writeStartObject();
            json.writeStringField("kind", object.kind());
            json.writeStringField("name", object.name());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
