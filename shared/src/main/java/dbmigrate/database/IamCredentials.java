package dbmigrate.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A user that RDS knows by IAM. In place of a password each session sends a token of its own, which
 * the function signs with its role's credentials: nothing is asked of AWS for it, nothing is kept,
 * and RDS takes it for 15 minutes. Sessions that stand outlive it.
 */
public final class IamCredentials implements Credentials {
    private static final Set<String> ENCRYPTED = Set.of("require", "verify-ca", "verify-full");

    private final Host host;
    private final String region;
    private final String user;
    private @Nullable TokenSigner signer;

    private IamCredentials(Host host, String region, String user) {
        this.host = host;
        this.region = region;
        this.user = user;
    }

    /**
     * The credentials of the user that a URL names.
     *
     * @param region where the host's name does not say it, as behind a tunnel
     * @throws InvalidDatabaseUrlException where the URL is not one for tokens
     */
    static IamCredentials of(DatabaseUrl url, Optional<String> region) {
        if (!(url.credentials() instanceof Login login)) {
            throw new IllegalStateException("a URL has the user that it names");
        }
        if (login.password().isPresent()) {
            throw new InvalidDatabaseUrlException(
                    "the password", "is of no use with DATABASE_AUTH=iam; take it out of the URL");
        }
        if (url.hosts().size() > 1) {
            throw new InvalidDatabaseUrlException(
                    "the host",
                    "is not the only one, and with DATABASE_AUTH=iam a token is for one; name the cluster's writer endpoint");
        }
        if (!ENCRYPTED.contains(url.parameter("sslmode").orElse("prefer"))) {
            throw new InvalidDatabaseUrlException(
                    "the parameter sslmode",
                    "does not make sure of TLS, without which a token is not sent (DATABASE_AUTH=iam); say verify-full, or nothing for a host of RDS");
        }
        Host host = url.hosts().getFirst();
        return new IamCredentials(
                host,
                RdsRegion.of(host)
                        .map(RdsRegion::name)
                        .or(() -> region)
                        .orElseThrow(() ->
                                new InvalidDatabaseUrlException(
                                        "the host",
                                        "does not say its region; set AWS_REGION (DATABASE_AUTH=iam)")),
                login.user());
    }

    @Override
    public String user() {
        return user;
    }

    String region() {
        return region;
    }

    /**
     * {@inheritDoc}
     *
     * @throws TokenException where no token can be made, or the server refuses it
     */
    @Override
    public Connection open(Opening opening, long deadline) throws SQLException {
        try {
            return opening.with(new Login(user, Optional.of(signer().token(this, host))));
        } catch (SQLException e) {
            throw String.valueOf(e.getSQLState()).startsWith("28")
                    ? TokenException.refused(this, e)
                    : e;
        }
    }

    /** The signer keeps the role's credentials. */
    @Override
    public synchronized void forget() {
        signer = null;
    }

    private synchronized TokenSigner signer() {
        TokenSigner known = signer == null ? new TokenSigner(region) : signer;
        signer = known;
        return known;
    }

    @Override
    public String toString() {
        return "user %s of %s in %s".formatted(user, host, region);
    }
}
