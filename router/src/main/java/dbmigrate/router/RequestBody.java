package dbmigrate.router;

import dbmigrate.json.Json;
import dbmigrate.json.MalformedJsonException;
import dbmigrate.process.MigrationRequest;
import dbmigrate.router.Problem.Invalid;
import dbmigrate.settings.AllowedDatabases;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads the body of {@code POST /db-migrate}: every wrong member is listed, and only then is asked
 * what the caller may do.
 */
final class RequestBody {
    private static final Set<String> LATER_COMMANDS =
            Set.of("info", "validate", "repair", "baseline", "rehearse");
    private static final Set<String> BASELINE_MEMBERS =
            Set.of("baselineVersion", "baselineDescription");

    /** Flyway's versions: numbers with dots or underscores between them. */
    private static final Pattern TARGET = Pattern.compile("latest|next|[0-9]+([._][0-9]+)*");

    /**
     * A placeholder's value becomes text inside SQL, so only harmless characters may stand in it.
     */
    private static final Pattern PLACEHOLDER_VALUE = Pattern.compile("[A-Za-z0-9_.-]{0,128}");

    private static final int LONGEST_TARGET = 100;
    private static final int LONGEST_REQUESTED_BY = 200;

    /** PostgreSQL's NAMEDATALEN less one, in bytes. */
    private static final int LONGEST_DATABASE = 63;

    private final Map<?, ?> members;
    private final List<Invalid> errors = new ArrayList<>();

    private RequestBody(Map<?, ?> members) {
        this.members = members;
    }

    /**
     * Reads a body; empty text means {@code {}}.
     *
     * @throws ProblemException 400, 422 or 403
     */
    static MigrationRequest read(
            String body, AllowedDatabases databases, Set<String> allowedPlaceholders) {
        RequestBody read = new RequestBody(object(body));
        read.refuseUnknown();
        read.command();
        MigrationRequest request =
                new MigrationRequest(
                        read.database().orElse(databases.own()),
                        read.target(),
                        read.flag("outOfOrder"),
                        read.placeholders(),
                        read.requestedBy());
        if (!read.errors.isEmpty()) {
            throw new ProblemException(Problem.invalid(read.errors));
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
                                pointer("placeholders", name)));
            }
        }
    }

    private void refuseUnknown() {
        Set<String> known =
                Set.of(
                        "command",
                        "database",
                        "target",
                        "outOfOrder",
                        "placeholders",
                        "requestedBy");
        for (Object name : members.keySet()) {
            if (BASELINE_MEMBERS.contains(name)) {
                wrong(pointer(name.toString()), "goes with the command baseline alone");
            } else if (!known.contains(name)) {
                wrong(pointer(name.toString()), "there is no such member");
            }
        }
    }

    private void command() {
        text("command")
                .ifPresent(command -> {
                    if (LATER_COMMANDS.contains(command)) {
                        wrong("/command", "this version of db-migrate cannot do that yet");
                    } else if (!command.equals("migrate")) {
                        wrong("/command", "must be migrate");
                    }
                });
    }

    private Optional<String> database() {
        return text("database")
                .filter(name -> {
                    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
                    boolean fits = bytes >= 1 && bytes <= LONGEST_DATABASE;
                    if (!fits) {
                        wrong("/database", "must have 1 to 63 bytes in UTF-8");
                    }
                    return fits;
                });
    }

    private Optional<String> target() {
        return text("target")
                .filter(target -> {
                    boolean fits =
                            target.length() <= LONGEST_TARGET && TARGET.matcher(target).matches();
                    if (!fits) {
                        wrong("/target", "must be a version such as 4 or 2.1, latest, or next");
                    }
                    return fits;
                })
                .filter(target -> !target.equals("latest"));
    }

    private Optional<String> requestedBy() {
        Optional<String> text = text("requestedBy");
        if (text.isPresent()
                && text.get().codePointCount(0, text.get().length()) > LONGEST_REQUESTED_BY) {
            wrong("/requestedBy", "may have 200 characters at most");
        }
        return text;
    }

    private Map<String, String> placeholders() {
        Object value = members.get("placeholders");
        if (value == null) {
            return Map.of();
        }
        if (!(value instanceof Map<?, ?> object)) {
            wrong("/placeholders", "must be an object of strings");
            return Map.of();
        }
        Map<String, String> placeholders = new HashMap<>();
        for (Map.Entry<?, ?> one : object.entrySet()) {
            String name = one.getKey().toString();
            if (one.getValue() instanceof String text
                    && PLACEHOLDER_VALUE.matcher(text).matches()) {
                placeholders.put(name, text);
            } else {
                wrong(
                        pointer("placeholders", name),
                        "must be a string that matches [A-Za-z0-9_.-]{0,128}");
            }
        }
        return placeholders;
    }

    private boolean flag(String name) {
        Object value = members.get(name);
        if (value != null && !(value instanceof Boolean)) {
            wrong(pointer(name), "must be true or false");
        }
        return Boolean.TRUE.equals(value);
    }

    /** A string that PostgreSQL can keep; null reads as absent. */
    private Optional<String> text(String name) {
        Object value = members.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!(value instanceof String text)) {
            wrong(pointer(name), "must be a string");
            return Optional.empty();
        }
        if (text.codePoints().anyMatch(RequestBody::isUnfit)) {
            wrong(pointer(name), "must not hold control characters or lone surrogates");
            return Optional.empty();
        }
        return Optional.of(text);
    }

    private static boolean isUnfit(int character) {
        return Character.isISOControl(character)
                || Character.getType(character) == Character.SURROGATE;
    }

    private void wrong(String pointer, String detail) {
        errors.add(new Invalid(pointer, detail));
    }

    /** A JSON pointer, escaped as RFC 6901, section 3, says. */
    private static String pointer(String... tokens) {
        StringBuilder pointer = new StringBuilder();
        for (String token : tokens) {
            pointer.append('/').append(token.replace("~", "~0").replace("/", "~1"));
        }
        return pointer.toString();
    }
}
