package dbmigrate.credentials;

import dbmigrate.database.ConnectionFailure;
import dbmigrate.database.Connector;
import dbmigrate.database.Credentials;
import dbmigrate.database.DatabaseUrl;
import dbmigrate.database.Identifier;
import dbmigrate.database.Login;
import dbmigrate.database.SecretCredentials;
import dbmigrate.database.SessionRefusedException;
import dbmigrate.database.SessionSettings;
import dbmigrate.database.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.postgresql.PGConnection;

/** The server, on which a user's password is changed. */
record RotatedServer(RotationSettings settings) {
    /** Said only to whom the password has let in. */
    private static final Set<String> LET_IN =
            Set.of(SqlState.INVALID_CATALOG_NAME, SqlState.INSUFFICIENT_PRIVILEGE);

    /** Whether the server takes a login. */
    boolean accepts(Login login) {
        return accepts(login, bare());
    }

    /**
     * Opens a session as the functions do, as the owner's role where there is one.
     *
     * @throws CredentialsException where that cannot be
     */
    void prove(Login login) {
        if (!accepts(login, settings.server().processUrl())) {
            throw new CredentialsException(
                    "the server refuses the new password of user %s; setSecret comes first, and Secrets Manager repeats all steps"
                            .formatted(login.user()));
        }
    }

    private boolean accepts(Login login, DatabaseUrl url) {
        try {
            open(url, login).close();
            return true;
        } catch (SQLException e) {
            if (SecretCredentials.isRefusal(e)) {
                return false;
            }
            if (LET_IN.contains(String.valueOf(e.getSQLState()))) {
                return true;
            }
            throw unavailable(e);
        }
    }

    /**
     * Gives a user a new password: the user itself does it, or else the master user.
     *
     * @param earlier what the user may log in with until now
     */
    void setOwn(List<RotatedValue> earlier, Login wanted) {
        Optional<SQLException> refusal = Optional.empty();
        for (RotatedValue value : earlier) {
            if (accepts(value.login())) {
                refusal = refused(value.login(), wanted);
                if (refusal.isEmpty()) {
                    return;
                }
                break;
            }
        }
        if (settings.master().isPresent()) {
            refusal = refused(settings.master().get(), wanted);
        }
        if (refusal.isPresent()) {
            throw refusedPassword(wanted.user(), refusal.get());
        }
        if (settings.master().isEmpty()) {
            throw new CredentialsException(
                    "the server takes neither the current nor the previous password of user %s (the latter counts with the same host alone), so that nobody can change it; see that DATABASE_URL is the server of AWSCURRENT, let an administrator give the user that password (\\password in psql), or name the master user's secret in ROTATION_MASTER_SECRET_ARN"
                            .formatted(wanted.user()));
        }
    }

    private Optional<SQLException> refused(Credentials who, Login wanted) {
        try (Connection session = open(bare(), who)) {
            setPassword(session, wanted);
            return Optional.empty();
        } catch (SQLException e) {
            if (ConnectionFailure.of(e)
                    .filter(kind -> kind != ConnectionFailure.READ_ONLY_SERVER)
                    .isPresent()) {
                throw unavailable(e);
            }
            return Optional.of(e);
        }
    }

    /**
     * Gives the other user, who is made where there is none, what the current one may and a
     * password.
     */
    void setOther(Login current, Login wanted) {
        // Tells what the current user lacks, in words that help; its password need not be right.
        accepts(current, settings.server().processUrl());
        try (Connection master = open(bare(), settings.master().orElseThrow())) {
            master.setAutoCommit(false);
            new AlternateUser(master, current.user(), wanted.user(), settings.owner().orElseThrow())
                    .prepare();
            setPassword(master, wanted);
            master.commit();
        } catch (SQLException e) {
            if (ConnectionFailure.of(e).isPresent()) {
                throw unavailable(e);
            }
            throw refusedPassword(wanted.user(), e);
        }
    }

    /**
     * The driver makes a SCRAM verifier of the password: neither the server's log nor
     * pg_stat_statements ever sees the password itself.
     */
    private static void setPassword(Connection session, Login wanted) throws SQLException {
        session.unwrap(PGConnection.class)
                .alterUserPassword(
                        wanted.user(),
                        wanted.password().orElseThrow().reveal().toCharArray(),
                        "scram-sha-256");
    }

    /** The user itself changes its password, and not the role that it acts as. */
    private DatabaseUrl bare() {
        return settings.server().processUrl().withoutOwnerRole();
    }

    /** The maintenance database need not let everybody in; then the target may. */
    private Connection open(DatabaseUrl url, Credentials who) throws SQLException {
        DatabaseUrl maintenance = url.withCredentials(who);
        try {
            return Connector.connect(maintenance, SessionSettings.forRows());
        } catch (SQLException e) {
            if (!LET_IN.contains(String.valueOf(e.getSQLState()))) {
                throw e;
            }
            try {
                return Connector.connect(
                        maintenance.withDatabase(settings.server().url().database()),
                        SessionSettings.forRows());
            } catch (SQLException again) {
                again.addSuppressed(e);
                throw again;
            }
        }
    }

    private static CredentialsException refusedPassword(String user, SQLException failure) {
        return new CredentialsException(
                "the server refuses a new password for user %1$s (SQLSTATE %2$s); look whether the user may set one (on RDS with rds.restrict_password_commands: GRANT rds_password TO %3$s;), and whether default_transaction_read_only is off for it; or name the secret of a user who may in ROTATION_MASTER_SECRET_ARN"
                        .formatted(user, failure.getSQLState(), Identifier.quote(user)),
                failure);
    }

    private static CredentialsException unavailable(SQLException failure) {
        String why =
                SessionRefusedException.in(failure)
                        .map(refused -> String.valueOf(refused.getMessage()))
                        .orElseGet(() ->
                                ConnectionFailure.of(failure)
                                        .map(kind -> kind.title() + ". " + kind.action())
                                        .orElse(
                                                "the server ended the session with SQLSTATE "
                                                        + failure.getSQLState()));
        return new CredentialsException("the password cannot be rotated: " + why, failure);
    }
}
