package dbmigrate.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * User and password from a secret in Secrets Manager. It is read when a session is opened, never
 * before, so that a snapshot of a function holds none.
 *
 * <p>How a session logs in:
 *
 * <ol>
 *   <li>With what is kept; where nothing is, or it is older than {@link #TIME_TO_LIVE}, AWSCURRENT
 *       is read.
 *   <li>Where the server refuses that, it is forgotten. AWSCURRENT is read again, for the secret
 *       may have been rotated; then AWSPENDING, for a rotation gives the server the new password
 *       before it calls it current. What differs is tried.
 *   <li>The same again after each of {@link #PAUSES}: whoever changes the two one after the other
 *       has done so by then. Four looks at the most, and none once the caller's time is over.
 *   <li>Then the server's last refusal is thrown. What the server took is kept.
 * </ol>
 */
public final class SecretCredentials implements Credentials {
    /**
     * An attempt opens its four or five sessions within it, and reads once. It need not be shorter:
     * what was rotated is noticed by the refusal; nor longer: a read takes milliseconds, and where
     * two users take turns the one who is replaced goes out of use.
     */
    static final Duration TIME_TO_LIVE = Duration.ofSeconds(60);

    static final List<Duration> PAUSES =
            List.of(
                    Duration.ZERO,
                    Duration.ofMillis(250),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(1));

    private final SecretArn arn;
    private final InstantSource clock;
    private @Nullable SecretStore store;
    private @Nullable Kept kept;
    private String user = "the user of the secret";

    private record Kept(Login login, Instant until) {}

    SecretCredentials(SecretArn arn, InstantSource clock) {
        this.arn = arn;
        this.clock = clock;
    }

    /**
     * The credentials of a secret, which is not read yet.
     *
     * @throws IllegalArgumentException where this is not the ARN of a secret
     */
    public static SecretCredentials of(String arn) {
        return new SecretCredentials(SecretArn.parse(arn), InstantSource.system());
    }

    /** The one that was read last. */
    @Override
    public synchronized String user() {
        return user;
    }

    /**
     * {@inheritDoc}
     *
     * @throws SecretException where the secret cannot be had or is of no use
     */
    @Override
    public Connection open(Opening opening, long deadline) throws SQLException {
        Login first = keptOrRead();
        try {
            return opening.with(first);
        } catch (SQLException e) {
            if (!isRefusal(e)) {
                throw e;
            }
            forget(first);
            return openAnew(opening, first, deadline, e);
        }
    }

    private Connection openAnew(
            Opening opening, Login first, long deadline, SQLException firstRefusal)
            throws SQLException {
        SQLException refusal = firstRefusal;
        Set<Login> refused = new HashSet<>(Set.of(first));
        for (Duration pause : PAUSES) {
            pause(pause, refusal);
            for (SecretStore.Stage stage : SecretStore.Stage.values()) {
                if (System.nanoTime() - deadline > 0) {
                    throw refusal;
                }
                Optional<Login> login = read(stage);
                if (login.isPresent() && refused.add(login.get())) {
                    try {
                        Connection connection = opening.with(login.get());
                        keep(login.get());
                        return connection;
                    } catch (SQLException e) {
                        if (!isRefusal(e)) {
                            throw e;
                        }
                        refusal = e;
                    }
                }
            }
            // The server may take by then what it has refused now.
            refused.clear();
        }
        throw refusal;
    }

    private Login keptOrRead() throws SecretException {
        Optional<Login> known = kept();
        if (known.isPresent()) {
            return known.get();
        }
        Login current = read(SecretStore.Stage.AWSCURRENT).orElseThrow();
        keep(current);
        return current;
    }

    private Optional<Login> read(SecretStore.Stage stage) throws SecretException {
        return store().read(stage);
    }

    private synchronized SecretStore store() {
        SecretStore known = store == null ? new SecretStore(arn) : store;
        store = known;
        return known;
    }

    private synchronized Optional<Login> kept() {
        return Optional.ofNullable(kept)
                .filter(known -> clock.instant().isBefore(known.until()))
                .map(Kept::login);
    }

    private synchronized void keep(Login login) {
        kept = new Kept(login, clock.instant().plus(TIME_TO_LIVE));
        user = login.user();
    }

    /** Another thread may have learned the new one meanwhile. */
    private synchronized void forget(Login login) {
        if (kept != null && kept.login().equals(login)) {
            kept = null;
        }
    }

    /**
     * Whether the server refuses user or password. 28000 also says that pg_hba.conf lets nobody in
     * from here; the server names the routine that said so, whatever its language.
     */
    private static boolean isRefusal(SQLException failure) {
        return switch (String.valueOf(failure.getSQLState())) {
            case "28P01" -> true;
            case "28000" ->
                    failure instanceof PSQLException sql
                            && Optional.ofNullable(sql.getServerErrorMessage())
                                    .map(ServerErrorMessage::getRoutine)
                                    .filter(routine -> !routine.equals("ClientAuthentication"))
                                    .isPresent();
            default -> false;
        };
    }

    private static void pause(Duration time, SQLException refusal) throws SQLException {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw refusal;
        }
    }

    @Override
    public String toString() {
        return "the secret " + arn;
    }
}
