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
 */
record RouterSettings(
        ServerSettings server,
        AllowedDatabases databases,
        Set<String> placeholders,
        QueueSettings queue) {
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
        environment.verify();
        return new RouterSettings(
                server.orElseThrow(),
                databases.orElseThrow(),
                environment.names("ALLOWED_PLACEHOLDERS"),
                queue.orElseThrow());
    }
}
