package dbmigrate.router;

import dbmigrate.process.Command;
import dbmigrate.process.Grants;
import dbmigrate.process.Identity;
import dbmigrate.settings.Glob;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an identity may do: {@code PERMISSIONS}. An identity may do whatever one of the rules that
 * stand for it allows, and nothing else.
 *
 * <pre>
 * rules  = rule *( ";" rule ) [ ";" ]
 * rule   = identity ":" blank commands [ blank "on" blank databases ]
 * </pre>
 *
 * <p>The identity is a glob without blanks. Commands and databases have commas between them; {@code
 * *} stands for every command but those that rewrite the history, and {@code read} for none: the
 * processes may be looked at. Databases are names or globs; without them all are meant. A colon
 * with a blank behind it, or a line break, in one of them is a semicolon that was forgotten; {@code
 * ?} stands for either where a name has it.
 */
record Permissions(List<Rule> rules) {
    /** What every identity that was proved may do where nothing else is said. */
    private static final String LEAST = "*: *";

    private static final Pattern RULE =
            Pattern.compile(
                    "(?<identity>\\S+):\\s+(?<commands>.+?)(\\s+on\\s+(?<databases>.+))?",
                    Pattern.DOTALL);

    private static final Pattern NEXT_RULE = Pattern.compile(":\\s|\\v");

    private static final Set<Command> UNLESS_NAMED =
            Command.KNOWN.stream()
                    .filter(command -> !command.rewritesHistory())
                    .collect(Collectors.toUnmodifiableSet());

    /** What those whom a pattern stands for may do. */
    record Rule(Glob identity, List<Grants.Grant> grants) {
        Rule {
            grants = List.copyOf(grants);
        }

        /** A role is meant with all of its sessions. */
        boolean standsFor(Identity who) {
            return identity.matches(who.text()) || identity.matches(who.keyScope());
        }
    }

    Permissions {
        rules = List.copyOf(rules);
    }

    static Permissions least() {
        return parse(LEAST);
    }

    /** What an identity may do. */
    Grants of(Identity who) {
        return new Grants(
                rules.stream()
                        .filter(rule -> rule.standsFor(who))
                        .flatMap(rule -> rule.grants().stream())
                        .toList());
    }

    /**
     * Reads rules.
     *
     * @throws IllegalArgumentException that names what is wrong with which rule, and shows none
     */
    static Permissions parse(String text) {
        List<String> problems = new ArrayList<>();
        List<Rule> rules = new ArrayList<>();
        // Behind the last semicolon nothing need stand: split leaves it out.
        String[] parts = text.strip().split(";");
        for (int i = 0; i < parts.length; i++) {
            try {
                rules.add(rule(parts[i].strip()));
            } catch (IllegalArgumentException e) {
                problems.add("rule %d %s".formatted(i + 1, e.getMessage()));
            }
        }
        if (rules.isEmpty() && problems.isEmpty()) {
            problems.add("holds no rule");
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
        return new Permissions(rules);
    }

    private static Rule rule(String text) {
        Matcher rule = RULE.matcher(text);
        if (!rule.matches()) {
            throw new IllegalArgumentException(
                    "must be <identity>: <commands> [on <databases>], with a blank behind the colon and"
                            + " none in the identity");
        }
        Set<Command> commands = commands(rule.group("commands"));
        return new Rule(
                new Glob(rule.group("identity")),
                databases(rule.group("databases")).stream()
                        .map(database -> new Grants.Grant(commands, new Glob(database)))
                        .toList());
    }

    private static List<String> databases(@Nullable String text) {
        List<String> databases = list(text == null ? "*" : text, "database");
        for (int i = 0; i < databases.size(); i++) {
            if (NEXT_RULE.matcher(databases.get(i)).find()) {
                throw new IllegalArgumentException(
                        "has a database, its number %d, in which another rule begins: put a semicolon between"
                                        .formatted(i + 1)
                                + " the rules, or ? where a name has a colon and a blank, or a line break");
            }
        }
        return databases;
    }

    private static Set<Command> commands(String text) {
        Set<Command> commands = new TreeSet<>();
        List<String> names = list(text, "command");
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (name.equals("*")) {
                commands.addAll(UNLESS_NAMED);
            } else if (!name.equals("read")) {
                commands.add(known(name, i + 1));
            }
        }
        if (commands.contains(Command.REHEARSE)) {
            commands.add(Command.REHEARSE_COPY);
            commands.add(Command.REHEARSE_COPY_STATISTICS);
        }
        return commands;
    }

    private static Command known(String name, int position) {
        Command command = Command.of(name);
        if (!Command.KNOWN.contains(command)) {
            throw new IllegalArgumentException(
                    "has a command, its number %d, that is none of %s, read or *"
                            .formatted(position, names()));
        }
        return command;
    }

    private static String names() {
        return Command.KNOWN.stream().map(Command::text).collect(Collectors.joining(", "));
    }

    private static List<String> list(String text, String kind) {
        List<String> parts = Arrays.stream(text.split(",", -1)).map(String::strip).toList();
        int empty = parts.indexOf("");
        if (empty >= 0) {
            throw new IllegalArgumentException(
                    "has an empty %s, its number %d".formatted(kind, empty + 1));
        }
        return parts;
    }
}
