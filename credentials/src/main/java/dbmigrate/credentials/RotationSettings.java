package dbmigrate.credentials;

import dbmigrate.database.OwnerRole;
import dbmigrate.database.SecretCredentials;
import dbmigrate.settings.Environment;
import dbmigrate.settings.ServerSettings;
import java.util.Map;
import java.util.Optional;

/**
 * What the rotation takes from its environment.
 *
 * @param server where the database is; the address that stands in the secret does not count
 * @param secretArn the one secret that is rotated
 * @param master who may change the user's password, and make another user
 */
record RotationSettings(
        ServerSettings server, String secretArn, Optional<SecretCredentials> master) {
    /**
     * Reads the settings; no secret is read.
     *
     * @throws dbmigrate.settings.InvalidEnvironmentException that names every missing or wrong
     *     variable
     */
    static RotationSettings read(Map<String, String> variables) {
        Environment environment = new Environment(variables);
        Optional<ServerSettings> server = ServerSettings.read(environment);
        Optional<String> secretArn = environment.required("DATABASE_SECRET_ARN", String::strip);
        Optional<SecretCredentials> master =
                environment.parsed("ROTATION_MASTER_SECRET_ARN", SecretCredentials::of);
        environment.verify();
        return new RotationSettings(server.orElseThrow(), secretArn.orElseThrow(), master);
    }

    /** The secret's own, which its ARN names: that it is one was checked. */
    String region() {
        return secretArn.split(":")[3];
    }

    /** Who owns what either of two users makes. */
    Optional<OwnerRole> owner() {
        return server.url().ownerRole();
    }

    /** Whether two users take turns: it takes an owner, and somebody who makes the second user. */
    boolean alternates() {
        return owner().isPresent() && master.isPresent();
    }
}
