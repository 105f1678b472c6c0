package dbmigrate.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
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
 * before; a snapshot of a function holds none, since it is forgotten first.
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
    private final KeptLogin kept;
    private @Nullable SecretStore store;

    SecretCredentials(SecretArn arn, InstantSource clock) {
        this.arn = arn;
        this.kept = new KeptLogin(clock, TIME_TO_LIVE);
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
    public String user() {
        return kept.user();
    }

    /**
     * {@inheritDoc}
     *
     * @throws SecretException where the secret cannot be had or is of no use
     */
    @Override
    public Connection open(Opening opening, long deadline) throws SQLException {
        Optional<Login> known = kept.get();
        Login first = known.isPresent() ? known.get() : kept.keep(store().current());
        try {
            return opening.with(first);
        } catch (SQLException e) {
            if (!isRefusal(e)) {
                throw e;
            }
            kept.forget(first);
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
            for (boolean isPending : new boolean[] {false, true}) {
                throwIfOver(deadline, refusal);
                Optional<Login> login =
                        isPending ? pending(refusal) : Optional.of(store().current());
                throwIfOver(deadline, refusal);
                if (login.isPresent() && refused.add(login.get())) {
                    try {
                        Connection connection = opening.with(login.get());
                        kept.keep(login.get());
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

    private static void throwIfOver(long deadline, SQLException refusal) throws SQLException {
        if (System.nanoTime() - deadline > 0) {
            throw refusal;
        }
    }

    /** A version that nobody calls current need not be readable; then the refusal stands. */
    private Optional<Login> pending(SQLException refusal) {
        try {
            return store().pending();
        } catch (SecretException e) {
            refusal.addSuppressed(e);
            return Optional.empty();
        }
    }

    /** Of the client too, which keeps the role's credentials. */
    @Override
    public synchronized void forget() {
        kept.forget();
        store = null;
    }

    private synchronized SecretStore store() {
        SecretStore known = store == null ? new SecretStore(arn) : store;
        store = known;
        return known;
    }

    /**
     * Whether the server refuses user or password. 28000 also says that pg_hba.conf lets nobody in
     * from here; the server names the routine that said so, whatever its language.
     */
    public static boolean isRefusal(SQLException failure) {
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
