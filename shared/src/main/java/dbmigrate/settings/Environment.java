package dbmigrate.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The variables of a function while its settings are read: every missing or wrong one is noted, and
 * {@link #verify} names them all at once. An empty variable counts as absent, since templates and
 * CI systems pass empty for "not given".
 */
public final class Environment {
    private final Map<String, String> variables;
    private final List<String> problems = new ArrayList<>();

    public Environment(Map<String, String> variables) {
        this.variables = Map.copyOf(variables);
    }

    /** A variable's text, when it is set and not empty. */
    public Optional<String> text(String name) {
        return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
    }

    /** Whether somebody has set a variable, though it be to blanks; an empty one is absent. */
    public boolean isSet(String name) {
        return !variables.getOrDefault(name, "").isEmpty();
    }

    /** A variable that must be there, parsed; empty when a problem was noted. */
    public <T> Optional<T> required(String name, Function<String, T> parse) {
        if (text(name).isEmpty()) {
            problem(name + " is missing");
        }
        return parsed(name, parse);
    }

    /**
     * A variable that may be absent, parsed; an {@link IllegalArgumentException} becomes a problem.
     */
    public <T> Optional<T> parsed(String name, Function<String, T> parse) {
        try {
            return text(name).map(parse);
        } catch (IllegalArgumentException e) {
            problem(name + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    /** A comma-separated list without blanks; empty when the variable is absent. */
    public Set<String> names(String name) {
        return text(name).stream()
                .flatMap(value -> Stream.of(value.split(",")))
                .map(String::strip)
                .filter(value -> !value.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** A variable that is {@code true} or {@code false}; false when absent. */
    public boolean flag(String name) {
        return parsed(
                        name,
                        value ->
                                switch (value.strip().toLowerCase(java.util.Locale.ROOT)) {
                                    case "true" -> true;
                                    case "false" -> false;
                                    default ->
                                            throw new IllegalArgumentException(
                                                    "must be true or false");
                                })
                .orElse(false);
    }

    /** The variables whose names begin so. */
    public Map<String, String> startingWith(String prefix) {
        return variables.entrySet().stream()
                .filter(variable -> variable.getKey().startsWith(prefix))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Notes a problem; the sentence names the variable and never its value. */
    public void problem(String sentence) {
        problems.add(sentence);
    }

    /**
     * Ends the reading.
     *
     * @throws InvalidEnvironmentException that names every problem that was noted
     */
    public void verify() {
        if (!problems.isEmpty()) {
            throw new InvalidEnvironmentException(problems);
        }
    }
}
