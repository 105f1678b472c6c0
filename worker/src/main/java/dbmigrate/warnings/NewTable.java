package dbmigrate.warnings;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** CREATE TABLE, as far as its name: to have the parser read each of them would take too long. */
record NewTable(RelationName name, boolean isTemporary, boolean ifNotExists) {
    private static final String PART = "(\"(?:[^\"]++|\"\")*+\"|[\\w$]+)";

    private static final Pattern CREATE =
            Pattern.compile(
                    "create\\s+(?:(?:global|local)\\s+)?(?:(temp|temporary)\\s+|unlogged\\s+)?table\\s+"
                            + "(if\\s+not\\s+exists\\s+)?"
                            + PART
                            + "(?:\\s*\\.\\s*"
                            + PART
                            + ")?",
                    Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CHARACTER_CLASS);

    /** Of a statement without comments. */
    static Optional<NewTable> of(String bare) {
        Matcher create = CREATE.matcher(bare);
        if (!create.lookingAt()) {
            return Optional.empty();
        }
        List<String> parts =
                Stream.of(3, 4)
                        .map(create::group)
                        .filter(part -> part != null)
                        .map(NewTable::plain)
                        .toList();
        return Optional.of(
                new NewTable(
                        RelationName.of(parts),
                        create.group(1) != null || parts.getFirst().equals(Standing.TEMPORARY),
                        create.group(2) != null));
    }

    private static String plain(String part) {
        return part.startsWith("\"")
                ? part.substring(1, part.length() - 1).replace("\"\"", "\"")
                : part.toLowerCase(Locale.ROOT);
    }
}
