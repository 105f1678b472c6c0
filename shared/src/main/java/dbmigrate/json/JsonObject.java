package dbmigrate.json;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object of a document whose shape is known: an event of AWS or a value that we wrote. A
 * member that is absent, null or of another type reads as empty, since AWS adds and leaves out
 * members.
 */
public record JsonObject(Map<String, @Nullable Object> members) {
    /** An object without members. */
    public static final JsonObject EMPTY = new JsonObject(Map.of());

    /** The value as an object; {@link #EMPTY} when it is none. */
    @SuppressWarnings("unchecked") // Json reads every object as a map of this type
    public static JsonObject of(@Nullable Object value) {
        return value instanceof Map<?, ?> map
                ? new JsonObject((Map<String, @Nullable Object>) map)
                : EMPTY;
    }

    /** A string member. */
    public Optional<String> string(String name) {
        return members.get(name) instanceof String string ? Optional.of(string) : Optional.empty();
    }

    /** A number member, cut to an integer. */
    public Optional<Integer> integer(String name) {
        return members.get(name) instanceof Number number
                ? Optional.of(number.intValue())
                : Optional.empty();
    }

    /** A number member, cut to a whole one. */
    public Optional<Long> number(String name) {
        return members.get(name) instanceof Number number
                ? Optional.of(number.longValue())
                : Optional.empty();
    }

    /** A time member in RFC 3339, as we and PostgreSQL write it. */
    public Optional<Instant> time(String name) {
        return string(name).map(text -> OffsetDateTime.parse(text).toInstant());
    }

    /** Whether a member is the literal {@code true}. */
    public boolean isTrue(String name) {
        return Boolean.TRUE.equals(members.get(name));
    }

    /** An object member, or {@link #EMPTY}. */
    public JsonObject object(String name) {
        return of(members.get(name));
    }

    /** An object member, where there is one. */
    public Optional<JsonObject> presentObject(String name) {
        return members.get(name) instanceof Map<?, ?> map ? Optional.of(of(map)) : Optional.empty();
    }

    /** The objects of an array member, in order. */
    public List<JsonObject> objects(String name) {
        return members.get(name) instanceof List<?> list
                ? list.stream().map(JsonObject::of).toList()
                : List.of();
    }

    /** The members whose values are strings. */
    public Map<String, String> strings() {
        Map<String, String> strings = new java.util.LinkedHashMap<>();
        members.forEach((name, value) -> {
            if (value instanceof String string) {
                strings.put(name, string);
            }
        });
        return strings;
    }
}
