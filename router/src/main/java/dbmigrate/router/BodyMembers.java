package dbmigrate.router;

import dbmigrate.router.Problem.Invalid;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The members of a body, and what is wrong with them, member by member. */
record BodyMembers(Map<?, ?> all, List<Invalid> errors) {
    BodyMembers(Map<?, ?> all) {
        this(all, new ArrayList<>());
    }

    /** A string of so many characters at most. */
    Optional<String> limited(String name, int longest) {
        Optional<String> text = text(name);
        if (text.isPresent() && text.get().codePointCount(0, text.get().length()) > longest) {
            wrong(pointer(name), "may have %d characters at most".formatted(longest));
        }
        return text;
    }

    /** A boolean; null reads as absent, and that as false. */
    boolean flag(String name) {
        Object value = all.get(name);
        if (value != null && !(value instanceof Boolean)) {
            wrong(pointer(name), "must be true or false");
        }
        return Boolean.TRUE.equals(value);
    }

    /** A string that PostgreSQL can keep; null reads as absent. */
    Optional<String> text(String name) {
        Object value = all.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!(value instanceof String text)) {
            wrong(pointer(name), "must be a string");
            return Optional.empty();
        }
        if (text.codePoints().anyMatch(BodyMembers::isUnfit)) {
            wrong(pointer(name), "must not hold control characters or lone surrogates");
            return Optional.empty();
        }
        return Optional.of(text);
    }

    private static boolean isUnfit(int character) {
        return Character.isISOControl(character)
                || Character.getType(character) == Character.SURROGATE;
    }

    /** Notes what is wrong with a member. */
    void wrong(String pointer, String detail) {
        errors.add(new Invalid(pointer, detail));
    }

    /** A JSON pointer, escaped as RFC 6901, section 3, says. */
    static String pointer(String... tokens) {
        StringBuilder pointer = new StringBuilder();
        for (String token : tokens) {
            pointer.append('/').append(token.replace("~", "~0").replace("/", "~1"));
        }
        return pointer.toString();
    }
}
