package dbmigrate.database;

import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Why the server could not be used, whatever was to be done on it, and what to do about that. */
public enum ConnectionFailure {
    HOST_UNKNOWN(
            "The server's name cannot be resolved",
            "Check the host of DATABASE_URL, and that the function's network resolves it (DNS of the VPC); then try again."),
    TLS_REFUSED(
            "Client and server do not agree on TLS",
            "Compare sslmode and sslrootcert of DATABASE_URL with what the server offers: is TLS on, is its certificate for this host name and from an authority that is known (on RDS, where the URL says nothing: Amazon's roots of its region)? Then try again."),
    PASSWORD_REFUSED(
            "The server refuses user or password",
            "Check user and password of DATABASE_URL, or of the secret that DATABASE_SECRET_ARN names (was the password changed since?), and what the server's pg_hba.conf lets in; then try again."),
    SECRET_UNAVAILABLE(
            "The secret with user and password cannot be read",
            "Check DATABASE_SECRET_ARN, what the function's role may do, and its network's route to Secrets Manager; then try again."),
    SECRET_INVALID(
            "The secret holds no user and password",
            "Store a JSON object with username and password in the secret, or name another one in DATABASE_SECRET_ARN; then try again."),
    TOKEN_UNAVAILABLE(
            "No token for the database can be signed",
            "Check that the function has a role whose credentials it gets (DATABASE_AUTH=iam); then try again."),
    TOKEN_REFUSED(
            "The server refuses the token",
            "Check that the user was granted rds_iam, that IAM authentication is enabled on the server, that the function's role may do rds-db:connect for the server's resource id and this user, and the function's clock; then try again."),
    OWNER_ROLE_REFUSED(
            "The user may not act as the role that owns the databases",
            "Let an administrator grant the role of DATABASE_OWNER_ROLE to the user that logs in, and pg_signal_backend and pg_read_all_stats to that role; then try again."),
    DATABASE_MISSING(
            "A database does not exist",
            "Create it or correct its name (PROCESS_DATABASE names the one that must stand, whose default is postgres); then try again."),
    TOO_MANY_CONNECTIONS(
            "The server has no connection left",
            "See in pg_stat_activity whose the sessions are and end idle ones, or raise max_connections or the limit of the role or the database; then try again."),
    READ_ONLY_SERVER(
            "The server takes no writes",
            "Check that DATABASE_URL names the writer's endpoint and no reader's, and that default_transaction_read_only is off for role and database; then try again."),
    SERVER_STARTING(
            "The server does not take sessions yet",
            "Wait until it is up (its own log says how far it is), then try again; a standby with hot_standby=off never takes a session."),
    SERVER_SHUTTING_DOWN(
            "The server shuts down, or ended the session",
            "Wait until it is up again, then try again; where it was up all the time, its own log says who ended the session."),
    DATABASE_UNAVAILABLE(
            "The server cannot be reached or does not answer",
            "Check that it runs, and that host, port and security groups let the function reach it; then try again.");

    private final String title;
    private final String action;

    ConnectionFailure(String title, String action) {
        this.title = title;
        this.action = action;
    }

    /** What it means, in a few words. */
    public String title() {
        return title;
    }

    /** What to do next, in one or two sentences. */
    public String action() {
        return action;
    }

    /** Reads the chain of causes; empty for a failure that is not of the connection. */
    public static Optional<ConnectionFailure> of(Throwable failure) {
        Optional<SessionRefusedException> known = SessionRefusedException.in(failure);
        if (known.isPresent()) {
            return known.map(SessionRefusedException::kind);
        }
        if (isCausedBy(failure, UnknownHostException.class)) {
            return Optional.of(HOST_UNKNOWN);
        }
        if (isCausedBy(failure, SSLHandshakeException.class)
                || isCausedBy(failure, SSLPeerUnverifiedException.class)
                || isCausedBy(failure, CertificateException.class)
                || saysNoTls(failure)) {
            return Optional.of(TLS_REFUSED);
        }
        String state = SqlState.of(failure).orElse("");
        return switch (state) {
            case SqlState.INVALID_CATALOG_NAME -> Optional.of(DATABASE_MISSING);
            case "53300" -> Optional.of(TOO_MANY_CONNECTIONS);
            case "25006" -> Optional.of(READ_ONLY_SERVER);
            case SqlState.CANNOT_CONNECT_NOW ->
                    Optional.of(saysShutdown(failure) ? SERVER_SHUTTING_DOWN : SERVER_STARTING);
            case "57P01", "57P02" -> Optional.of(SERVER_SHUTTING_DOWN);
            case "57P05", "25P03", "25P04" -> Optional.of(DATABASE_UNAVAILABLE);
            default -> ofClass(state);
        };
    }

    private static Optional<ConnectionFailure> ofClass(String state) {
        if (state.startsWith("28")) {
            return Optional.of(PASSWORD_REFUSED);
        }
        return state.startsWith("08") ? Optional.of(DATABASE_UNAVAILABLE) : Optional.empty();
    }

    /**
     * pgjdbc has no state of its own for a server without TLS, a root certificate that it cannot
     * read or a certificate for another host.
     */
    private static boolean saysNoTls(Throwable failure) {
        return first(failure, PSQLException.class)
                .filter(sql -> sql.getServerErrorMessage() == null)
                .filter(sql -> String.valueOf(sql.getSQLState()).startsWith("08"))
                .map(sql -> String.valueOf(sql.getMessage()))
                .filter(said -> said.contains("SSL") || said.contains("could not be verified"))
                .isPresent();
    }

    /** One state says both that a server starts and that it stops. */
    private static boolean saysShutdown(Throwable failure) {
        return first(failure, PSQLException.class)
                .map(PSQLException::getServerErrorMessage)
                .map(ServerErrorMessage::getMessage)
                .filter(said -> said.contains("shutting down"))
                .isPresent();
    }

    private static boolean isCausedBy(Throwable failure, Class<? extends Throwable> type) {
        return first(failure, type).isPresent();
    }

    private static <T extends Throwable> Optional<T> first(Throwable failure, Class<T> type) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (type.isInstance(at)) {
                return Optional.of(type.cast(at));
            }
        }
        return Optional.empty();
    }
}
