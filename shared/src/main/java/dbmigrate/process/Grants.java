package dbmigrate.process;

import dbmigrate.settings.Glob;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/** What the identity that asks may do: whatever one of the grants allows, and nothing else. */
public record Grants(List<Grant> grants) {
    /** Nothing at all. */
    public static final Grants NONE = new Grants(List.of());

    /**
     * These commands on each database that the pattern stands for, whose processes may be read
     * then, too; without commands they may be read alone.
     */
    public record Grant(Set<Command> commands, Glob databases) {
        public Grant {
            commands = Set.copyOf(commands);
        }
    }

    public Grants {
        grants = List.copyOf(grants);
    }

    /** Whether there is anything that may be done. */
    public boolean isEmpty() {
        return grants.isEmpty();
    }

    /** Whether the processes of a database may be read. */
    public boolean mayRead(String database) {
        return grants.stream().anyMatch(grant -> grant.databases().matches(database));
    }

    /** Whether a command may be run on a database, and a process of that command be canceled. */
    public boolean allow(String command, String database) {
        return grants.stream()
                .filter(grant -> grant.databases().matches(database))
                .flatMap(grant -> grant.commands().stream())
                .anyMatch(allowed -> allowed.text().equals(command));
    }

    /** The databases whose processes may be read, for {@code database like any (?)}. */
    Array readable(Connection connection) throws SQLException {
        return connection.createArrayOf(
                "text",
                grants.stream().map(grant -> grant.databases().like()).distinct().toArray());
    }

    /** For {@code command || ' ' || database like any (?)}: no command holds a blank. */
    Array allowed(Connection connection) throws SQLException {
        return connection.createArrayOf(
                "text",
                grants.stream()
                        .flatMap(grant ->
                                grant.commands().stream()
                                        .map(command ->
                                                command.text() + " " + grant.databases().like()))
                        .distinct()
                        .toArray());
    }
}
