package dbmigrate.router;

import dbmigrate.settings.AllowedDatabases;
import dbmigrate.settings.Environment;
import dbmigrate.settings.ServerSettings;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the router takes from its environment.
 *
 * @param placeholders the names of the placeholders that a caller may set
 * @param region the AWS region of the queue, given explicitly: finding it out costs a cold start
 */
record RouterSettings(
        ServerSettings server,
        AllowedDatabases databases,
        Set<String> placeholders,
        String queueUrl,
        String region) {
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
        Optional<String> queueUrl = environment.required("MIGRATION_QUEUE_URL", url -> url);
        Optional<String> region = environment.required("AWS_REGION", name -> name);
        environment.verify();
        return new RouterSettings(
                server.orElseThrow(),
                databases.orElseThrow(),
                environment.names("ALLOWED_PLACEHOLDERS"),
                queueUrl.orElseThrow(),
                region.orElseThrow());
    }
}
