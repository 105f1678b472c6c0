package dbmigrate.worker;

import dbmigrate.json.Json;
import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What {@code validate} says: each reason for which a migration would be refused.
 *
 * @param pending how many migrations are to be run, which is no difference
 */
record Validation(
        boolean databaseExists, boolean historyExists, int pending, List<Failure> differences) {
    private static final int MOST_NAMED = 10;

    Validation {
        differences = List.copyOf(differences);
    }

    String json() {
        List<ReportEntries.Entry> entries = differences.stream().map(Validation::entry).toList();
        return Json.write(json -> {
            json.writeStartObject();
            json.writeBooleanField("databaseExists", databaseExists);
            json.writeBooleanField("historyExists", historyExists);
            json.writeBooleanField("valid", differences.isEmpty());
            json.writeNumberField("pending", pending);
            int omitted = new ReportEntries(entries).write(json, "differences");
            json.writeNumberField("omitted", omitted);
            json.writeEndObject();
        });
    }

    private static ReportEntries.Entry entry(Failure difference) {
        String text =
                Json.write(json -> {
                    json.writeStartObject();
                    json.writeStringField("code", difference.code().name());
                    json.writeStringField("title", difference.title());
                    Json.member(json, "script", difference.script().orElse(null));
                    json.writeStringField("detail", difference.detail());
                    json.writeStringField("action", difference.action());
                    json.writeEndObject();
                });
        return new ReportEntries.Entry(text, false);
    }

    /** Why the process is FAILED, if it is. */
    Optional<Failure> failure() {
        if (differences.isEmpty()) {
            return Optional.empty();
        }
        String named =
                differences.stream()
                        .limit(MOST_NAMED)
                        .map(one ->
                                one.script().map(script -> script + " ").orElse("")
                                        + one.code().name())
                        .collect(Collectors.joining(", "));
        String detail =
                differences.size() == 1
                        ? named + ": " + differences.getFirst().detail()
                        : "%d differences: %s%s"
                                .formatted(
                                        differences.size(),
                                        named,
                                        differences.size() > MOST_NAMED ? ", …" : "");
        return Optional.of(
                Failure.of(FailureCode.VALIDATION_FAILED, detail)
                        .withScript(differences.getFirst().script()));
    }
}
