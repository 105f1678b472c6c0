package dbmigrate.settings;

import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A name or a pattern of names: {@code *} stands for any run of characters, {@code ?} for one. It
 * is case-sensitive.
 */
public record Glob(String text) {
    /** Whether it stands for more than one name. */
    public boolean isPattern() {
        return text.contains("*") || text.contains("?");
    }

    /** Whether it stands for this name. */
    public boolean matches(String name) {
        String regex =
                text.codePoints()
                        .mapToObj(character ->
                                switch (character) {
                                    case '*' -> ".*";
                                    case '?' -> ".";
                                    default -> Pattern.quote(Character.toString(character));
                                })
                        .collect(Collectors.joining());
        return Pattern.compile(regex, Pattern.DOTALL).matcher(name).matches();
    }

    /** The same as a pattern of PostgreSQL's LIKE. */
    public String like() {
        return text.codePoints()
                .mapToObj(character ->
                        switch (character) {
                            case '*' -> "%";
                            case '?' -> "_";
                            case '%', '_', '\\' -> "\\" + Character.toString(character);
                            default -> Character.toString(character);
                        })
                .collect(Collectors.joining());
    }
}
