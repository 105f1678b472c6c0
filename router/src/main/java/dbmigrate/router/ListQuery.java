package dbmigrate.router;

import dbmigrate.process.ProcessList;
import dbmigrate.process.ProcessState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads the query of {@code GET /db-migrate}; everything that is wrong with it is named at once.
 */
final class ListQuery {
    private static final Set<String> NAMES = Set.of("state", "database", "limit", "cursor");
    private static final Pattern LIMIT = Pattern.compile("[1-9][0-9]?|100");
    private static final int DEFAULT_LIMIT = 20;

    /** PostgreSQL's NAMEDATALEN less one, in bytes. */
    private static final int LONGEST_DATABASE = 63;

    /** An unknown name is told so far: a query string may be long. */
    private static final int LONGEST_TOLD = 100;

    private final Map<String, String> values = new HashMap<>();
    private final List<String> problems = new ArrayList<>();

    private ListQuery() {}

    /**
     * Reads a query string.
     *
     * @throws ProblemException 400 that names every parameter which is unknown, wrong or given
     *     twice
     */
    static ProcessList.Query read(String query) {
        ListQuery read = new ListQuery();
        QueryParameter.read(query).forEach(read::take);
        ProcessList.Query wanted =
                new ProcessList.Query(
                        read.value("state", ListQuery::state, "must be one of " + states()),
                        read.value("database", ListQuery::database, "must be a database's name"),
                        read.value("limit", ListQuery::limit, "must be a number from 1 to 100")
                                .orElse(DEFAULT_LIMIT),
                        read.<UUID>value("cursor", Cursor::id, "must be the nextCursor of a list"));
        if (!read.problems.isEmpty()) {
            throw new ProblemException(Problem.badRequest(String.join("; ", read.problems)));
        }
        return wanted;
    }

    private void take(QueryParameter parameter) {
        String name = parameter.name();
        if (!NAMES.contains(name)) {
            String told = name.length() > LONGEST_TOLD ? name.substring(0, LONGEST_TOLD) : name;
            problems.add("there is no query parameter %s".formatted(told));
        } else if (values.put(name, parameter.value()) != null) {
            problems.add("the query parameter %s is given twice".formatted(name));
        }
    }

    private <T> Optional<T> value(
            String name, Function<String, Optional<T>> parse, String expected) {
        String text = values.get(name);
        if (text == null) {
            return Optional.empty();
        }
        Optional<T> value = parse.apply(text);
        if (value.isEmpty()) {
            problems.add("the query parameter %s %s".formatted(name, expected));
        }
        return value;
    }

    private static Optional<ProcessState> state(String text) {
        return Arrays.stream(ProcessState.values())
                .filter(state -> state.name().equals(text))
                .findFirst();
    }

    private static String states() {
        return Arrays.stream(ProcessState.values())
                .map(ProcessState::name)
                .collect(Collectors.joining(", "));
    }

    private static Optional<String> database(String text) {
        boolean fits =
                !text.isEmpty()
                        && text.getBytes(StandardCharsets.UTF_8).length <= LONGEST_DATABASE
                        && text.codePoints().noneMatch(Character::isISOControl);
        return fits ? Optional.of(text) : Optional.empty();
    }

    private static Optional<Integer> limit(String text) {
        return LIMIT.matcher(text).matches()
                ? Optional.of(Integer.parseInt(text))
                : Optional.empty();
    }
}
