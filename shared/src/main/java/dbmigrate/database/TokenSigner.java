package dbmigrate.database;

import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.rds.RdsUtilities;

/**
 * Signs tokens. This class alone knows the SDK's part for RDS: without {@code DATABASE_AUTH=iam}
 * none of it is loaded. Of that module, 5.9 MB, the package holds the eight classes that sign.
 */
final class TokenSigner {
    private final RdsUtilities rds;

    TokenSigner(String region) {
        this.rds =
                RdsUtilities.builder()
                        .region(Region.of(region))
                        .credentialsProvider(DefaultCredentialsProvider.builder().build())
                        .build();
    }

    /** A new token, a request to connect that is signed and never sent as one. */
    Secret token(IamCredentials of, Host host) throws TokenException {
        try {
            return new Secret(
                    rds.generateAuthenticationToken(wanted ->
                            wanted.hostname(host.name()).port(host.port()).username(of.user())));
        } catch (SdkException e) {
            throw TokenException.unavailable(of, e);
        }
    }
}
