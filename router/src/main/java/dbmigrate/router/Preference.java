package dbmigrate.router;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A preference of the header {@code Prefer} (RFC 7240): a name, perhaps with a value, perhaps with
 * parameters, none of which says anything here.
 *
 * @param value empty where there is none, which the RFC holds for the same
 */
record Preference(String name, String value) {
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]++";

    /** Bounded, since matching a repeated group goes as deep as it is long. */
    private static final String QUOTED = "\"(?:[^\"\\\\]|\\\\.){0,255}+\"";

    private static final String PAIR =
            "(%s)(?:[ \\t]*+=[ \\t]*+(%s|%s))?+".formatted(TOKEN, TOKEN, QUOTED);

    /** What is between two commas. */
    private static final Pattern PREFERENCE = Pattern.compile("[ \\t]*+" + PAIR + "[ \\t]*+");

    private static final Pattern PARAMETER = Pattern.compile("[ \\t]*+(?:" + PAIR + ")?+[ \\t]*+");

    /** RFC 7240's delay-seconds; more digits than anybody waits for are as good as many. */
    private static final Pattern SECONDS = Pattern.compile("[0-9]++");

    private static final int MANY = 999_999_999;

    /**
     * How long the caller would wait: the value of the first {@code wait}. What is malformed is
     * ignored, as the RFC demands, and does not hide what stands beside it.
     *
     * @param header all of its lines, joined by commas
     */
    static OptionalInt secondsToWait(String header) {
        return read(header).stream()
                .filter(preference -> preference.name().equalsIgnoreCase("wait"))
                .findFirst()
                .map(Preference::seconds)
                .orElse(OptionalInt.empty());
    }

    private OptionalInt seconds() {
        if (!SECONDS.matcher(value).matches()) {
            return OptionalInt.empty();
        }
        String digits = value.replaceFirst("^0+(?=[0-9])", "");
        return OptionalInt.of(digits.length() > 9 ? MANY : Integer.parseInt(digits));
    }

    private static List<Preference> read(String header) {
        List<Preference> preferences = new ArrayList<>();
        for (String element : split(header, ',')) {
            List<String> parts = split(element, ';');
            Matcher preference = PREFERENCE.matcher(parts.getFirst());
            if (preference.matches()
                    && parts.stream().skip(1).allMatch(p -> PARAMETER.matcher(p).matches())) {
                preferences.add(new Preference(preference.group(1), unquoted(preference.group(2))));
            }
        }
        return preferences;
    }

    private static String unquoted(@Nullable String word) {
        if (word == null) {
            return "";
        }
        return word.startsWith("\"")
                ? word.substring(1, word.length() - 1).replaceAll("\\\\(.)", "$1")
                : word;
    }

    /** The parts between separators that no quotes enclose. */
    private static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int begin = 0;
        for (int i = 0; i < text.length(); i++) {
            char at = text.charAt(i);
            if (quoted && at == '\\') {
                i++;
            } else if (at == '"') {
                quoted = !quoted;
            } else if (at == separator && !quoted) {
                parts.add(text.substring(begin, i));
                begin = i + 1;
            }
        }
        parts.add(text.substring(begin));
        return parts;
    }
}
