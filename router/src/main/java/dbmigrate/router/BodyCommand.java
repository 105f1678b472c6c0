package dbmigrate.router;

import dbmigrate.process.Command;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the body of {@code POST /db-migrate} asks for, and which members go with that. */
record BodyCommand(BodyMembers members) {
    /** Those that look at what is pending, or run it. */
    private static final Set<Command> THAT_MIGRATE =
            EnumSet.of(
                    Command.MIGRATE,
                    Command.INFO,
                    Command.VALIDATE,
                    Command.REHEARSE,
                    Command.REHEARSE_COPY,
                    Command.REHEARSE_COPY_STATISTICS);

    private static final Set<Command> REHEARSALS =
            EnumSet.of(Command.REHEARSE, Command.REHEARSE_COPY, Command.REHEARSE_COPY_STATISTICS);

    /** The members of a body, each with the commands that it goes with. */
    private static final Map<String, Set<Command>> MEMBERS =
            Map.of(
                    "command", EnumSet.allOf(Command.class),
                    "database", EnumSet.allOf(Command.class),
                    "placeholders", EnumSet.allOf(Command.class),
                    "requestedBy", EnumSet.allOf(Command.class),
                    "target", THAT_MIGRATE,
                    "outOfOrder", THAT_MIGRATE,
                    "on", REHEARSALS,
                    "statistics", REHEARSALS,
                    "baselineVersion", EnumSet.of(Command.BASELINE),
                    "baselineDescription", EnumSet.of(Command.BASELINE));

    /**
     * Reads the command, and lists the members that do not go with it.
     *
     * @return {@link Command#UNKNOWN} where it is wrong, which is listed then
     */
    Command read() {
        Command command = command();
        refuseUnknown(command);
        return command;
    }

    /** Of a command that is itself wrong nobody knows what goes with it. */
    private void refuseUnknown(Command command) {
        for (Map.Entry<?, ?> one : members.all().entrySet()) {
            String name = one.getKey().toString();
            Set<Command> commands = MEMBERS.get(name);
            if (commands == null) {
                members.wrong(BodyMembers.pointer(name), "there is no such member");
            } else if (one.getValue() != null
                    && command != Command.UNKNOWN
                    && !commands.contains(command)) {
                members.wrong(
                        BodyMembers.pointer(name), "goes with " + listed(commands) + " alone");
            }
        }
    }

    private Command command() {
        Optional<String> text = members.text("command");
        Command command =
                text.map(Command::of).filter(Command.KNOWN::contains).orElse(Command.UNKNOWN);
        if (text.isEmpty()) {
            command = Command.MIGRATE;
        } else if (command == Command.UNKNOWN) {
            members.wrong("/command", "must be " + listed(Command.KNOWN));
        }
        boolean onCopy = isOnCopy();
        boolean statistics = members.flag("statistics");
        if (command != Command.REHEARSE) {
            return command;
        }
        if (statistics && !onCopy) {
            members.wrong("/statistics", "goes with \"on\": \"copy\" alone");
        }
        return !onCopy
                ? Command.REHEARSE
                : statistics ? Command.REHEARSE_COPY_STATISTICS : Command.REHEARSE_COPY;
    }

    /** Where a rehearsal runs. */
    private boolean isOnCopy() {
        Optional<String> on = members.text("on");
        if (on.isPresent() && !on.get().equals("target") && !on.get().equals("copy")) {
            members.wrong("/on", "must be target or copy");
        }
        return on.equals(Optional.of("copy"));
    }

    private static String listed(Collection<Command> commands) {
        List<String> names = commands.stream().map(Command::word).distinct().toList();
        int last = names.size() - 1;
        return last == 0
                ? names.getFirst()
                : String.join(", ", names.subList(0, last)) + " or " + names.get(last);
    }
}
