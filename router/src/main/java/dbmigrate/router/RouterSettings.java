package dbmigrate.router;

import dbmigrate.settings.AllowedDatabases;
import dbmigrate.settings.Environment;
import dbmigrate.settings.QueueSettings;
import dbmigrate.settings.ServerSettings;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the router takes from its environment.
 *
 * @param placeholders the names of the placeholders that a caller may set
 * @param maxWaiters how many callers may wait for the end of a process at once, in the whole stack
 * @param authorization how a caller proves who it is
 * @param permissions what it may do then
 */
record RouterSettings(
        ServerSettings server,
        AllowedDatabases databases,
        Set<String> placeholders,
        QueueSettings queue,
        int maxWaiters,
        Authorization authorization,
        Permissions permissions) {
    private static final int MAX_WAITERS = 20;

    /** Each waiter holds a connection, and each who finds no room has tried all places. */
    private static final int MOST_WAITERS = 1000;

    /**
     * Reads the settings.
     *
     * @throws dbmigrate.settings.InvalidEnvironmentException that names every missing or wrong
     *     variable
     */
    static RouterSettings read(Map<String, String> variables) {
        Environment environment = new Environment(variables);
        Optional<ServerSettings> server = ServerSettings.read(environment);
        Optional<AllowedDatabases> databases =
                server.map(known -> AllowedDatabases.read(environment, known));
        Optional<QueueSettings> queue = QueueSettings.read(environment);
        Optional<Integer> maxWaiters = environment.parsed("MAX_WAITERS", RouterSettings::waiters);
        Optional<Authorization> authorization = Authorization.read(environment);
        Optional<Permissions> permissions = environment.parsed("PERMISSIONS", Permissions::parse);
        environment.verify();
        return new RouterSettings(
                server.orElseThrow(),
                databases.orElseThrow(),
                environment.names("ALLOWED_PLACEHOLDERS"),
                queue.orElseThrow(),
                maxWaiters.orElse(MAX_WAITERS),
                authorization.orElseThrow(),
                permissions.orElseGet(Permissions::least));
    }

    private static int waiters(String text) {
        String number = text.strip();
        if (!number.matches("[0-9]{1,4}") || Integer.parseInt(number) > MOST_WAITERS) {
            throw new IllegalArgumentException(
                    "must be a number of callers, from 0 to " + MOST_WAITERS);
        }
        return Integer.parseInt(number);
    }
}
