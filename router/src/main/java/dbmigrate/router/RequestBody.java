package dbmigrate.router;

import dbmigrate.json.Json;
import dbmigrate.json.MalformedJsonException;
import dbmigrate.process.Command;
import dbmigrate.process.MigrationRequest;
import dbmigrate.settings.AllowedDatabases;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads the body of {@code POST /db-migrate}: every wrong member is listed, and only then is asked
 * what the caller may do.
 */
final class RequestBody {
    /** Flyway's versions: numbers with dots or underscores between them. */
    private static final Pattern VERSION = Pattern.compile("[0-9]+([._][0-9]+)*");

    private static final Pattern TARGET = Pattern.compile("latest|next|" + VERSION);

    /**
     * A placeholder's value becomes text inside SQL, so only harmless characters may stand in it.
     */
    private static final Pattern PLACEHOLDER_VALUE = Pattern.compile("[A-Za-z0-9_.-]{0,128}");

    private static final int LONGEST_TARGET = 100;
    private static final int LONGEST_REQUESTED_BY = 200;

    /** The columns of Flyway's history. */
    private static final int LONGEST_BASELINE_VERSION = 50;

    private static final int LONGEST_BASELINE_DESCRIPTION = 200;

    /** PostgreSQL's NAMEDATALEN less one, in bytes. */
    private static final int LONGEST_DATABASE = 63;

    private final BodyMembers members;

    private RequestBody(BodyMembers members) {
        this.members = members;
    }

    /**
     * Reads a body; empty text means {@code {}}.
     *
     * @throws ProblemException 400, 422 or 403
     */
    static MigrationRequest read(
            String body, AllowedDatabases databases, Set<String> allowedPlaceholders) {
        RequestBody read = new RequestBody(new BodyMembers(object(body)));
        Command command = new BodyCommand(read.members).read();
        MigrationRequest request =
                new MigrationRequest(
                        command,
                        read.database().orElse(databases.own()),
                        read.target(),
                        read.members.flag("outOfOrder"),
                        read.placeholders(),
                        read.baselineVersion(),
                        read.baselineDescription(),
                        read.requestedBy());
        if (!read.members.errors().isEmpty()) {
            throw new ProblemException(Problem.invalid(read.members.errors()));
        }
        authorise(request, databases, allowedPlaceholders);
        return request;
    }

    private static Map<?, ?> object(String body) {
        if (body.isBlank()) {
            return Map.of();
        }
        try {
            if (Json.read(body) instanceof Map<?, ?> object) {
                return object;
            }
            throw new ProblemException(Problem.badRequest("the body is JSON, but no object"));
        } catch (MalformedJsonException e) {
            // Its message names a place and quotes nothing.
            throw new ProblemException(Problem.badRequest("the body: " + e.getMessage()), e);
        }
    }

    private static void authorise(
            MigrationRequest request, AllowedDatabases databases, Set<String> allowedPlaceholders) {
        if (!databases.allows(request.database())) {
            throw new ProblemException(
                    Problem.forbidden(
                            ProblemCode.DATABASE_NOT_ALLOWED,
                            "this database is not among those that ALLOWED_DATABASES lets a caller name",
                            "/database"));
        }
        for (String name : request.placeholders().keySet()) {
            if (!allowedPlaceholders.contains(name)) {
                throw new ProblemException(
                        Problem.forbidden(
                                ProblemCode.PLACEHOLDER_NOT_ALLOWED,
                                "this placeholder is not among ALLOWED_PLACEHOLDERS",
                                BodyMembers.pointer("placeholders", name)));
            }
        }
    }

    private Optional<String> database() {
        return members.text("database")
                .filter(name -> {
                    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
                    boolean fits = bytes >= 1 && bytes <= LONGEST_DATABASE;
                    if (!fits) {
                        members.wrong("/database", "must have 1 to 63 bytes in UTF-8");
                    }
                    return fits;
                });
    }

    private Optional<String> target() {
        return members.text("target")
                .filter(target -> {
                    boolean fits =
                            target.length() <= LONGEST_TARGET && TARGET.matcher(target).matches();
                    if (!fits) {
                        members.wrong(
                                "/target", "must be a version such as 4 or 2.1, latest, or next");
                    }
                    return fits;
                })
                .filter(target -> !target.equals("latest"));
    }

    private Optional<String> baselineVersion() {
        return members.text("baselineVersion")
                .filter(version -> {
                    boolean fits =
                            version.length() <= LONGEST_BASELINE_VERSION
                                    && VERSION.matcher(version).matches();
                    if (!fits) {
                        members.wrong("/baselineVersion", "must be a version such as 4 or 2.1");
                    }
                    return fits;
                });
    }

    private Optional<String> baselineDescription() {
        return members.limited("baselineDescription", LONGEST_BASELINE_DESCRIPTION)
                .filter(text -> {
                    if (text.isEmpty()) {
                        members.wrong("/baselineDescription", "must not be empty");
                    }
                    return !text.isEmpty();
                });
    }

    private Optional<String> requestedBy() {
        return members.limited("requestedBy", LONGEST_REQUESTED_BY);
    }

    private Map<String, String> placeholders() {
        Object value = members.all().get("placeholders");
        if (value == null) {
            return Map.of();
        }
        if (!(value instanceof Map<?, ?> object)) {
            members.wrong("/placeholders", "must be an object of strings");
            return Map.of();
        }
        Map<String, String> placeholders = new HashMap<>();
        for (Map.Entry<?, ?> one : object.entrySet()) {
            String name = one.getKey().toString();
            if (one.getValue() instanceof String text
                    && PLACEHOLDER_VALUE.matcher(text).matches()) {
                placeholders.put(name, text);
            } else {
                members.wrong(
                        BodyMembers.pointer("placeholders", name),
                        "must be a string that matches [A-Za-z0-9_.-]{0,128}");
            }
        }
        return placeholders;
    }
}
