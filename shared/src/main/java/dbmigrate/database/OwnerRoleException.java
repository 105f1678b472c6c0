package dbmigrate.database;

import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * The user that logs in may not become the role of {@code DATABASE_OWNER_ROLE}, or that role lacks
 * what it needs. The message gives the exact statements that help.
 */
public final class OwnerRoleException extends SessionRefusedException {
    private static final long serialVersionUID = 1L;

    private OwnerRoleException(String message, @Nullable Exception cause) {
        super(ConnectionFailure.OWNER_ROLE_REFUSED, "0P000", message, cause);
    }

    /** What the owner needs beside its members: to see and to end a session of either of them. */
    static OwnerRoleException lacksSignals(OwnerRole role) {
        return new OwnerRoleException(
                "the role %1$s of DATABASE_OWNER_ROLE may not end what an earlier attempt of another user left on the server; let an administrator run: %2$s"
                        .formatted(role.quoted(), grantOfSignals(role)),
                null);
    }

    /**
     * Whether a session failed because of the role.
     *
     * @param user who logs in
     */
    static Optional<OwnerRoleException> of(SQLException failure, OwnerRole role, String user) {
        boolean isOfRole =
                failure instanceof PSQLException sql
                        && Optional.ofNullable(sql.getServerErrorMessage())
                                .filter(said -> isOfSetting(said, role))
                                .isPresent();
        if (!isOfRole) {
            return Optional.empty();
        }
        String membership = "GRANT %s TO %s;".formatted(role.quoted(), Identifier.quote(user));
        String message =
                SqlState.INSUFFICIENT_PRIVILEGE.equals(failure.getSQLState())
                        ? "the user %1$s may not become the role %2$s of DATABASE_OWNER_ROLE; let an administrator run: %3$s"
                                .formatted(Identifier.quote(user), role.quoted(), membership)
                        : "the role %1$s of DATABASE_OWNER_ROLE does not exist; let an administrator run: CREATE ROLE %1$s NOLOGIN CREATEDB; %2$s %3$s"
                                .formatted(role.quoted(), grantOfSignals(role), membership);
        return Optional.of(new OwnerRoleException(message, failure));
    }

    /** The server says it with the states of other failures; its routine and the name tell it. */
    private static boolean isOfSetting(ServerErrorMessage said, OwnerRole role) {
        return "call_string_check_hook".equals(said.getRoutine())
                && String.valueOf(said.getMessage()).contains(role.name());
    }

    private static String grantOfSignals(OwnerRole role) {
        return "GRANT pg_signal_backend, pg_read_all_stats TO %s;".formatted(role.quoted());
    }
}
