package dbmigrate.credentials;

import dbmigrate.database.Identifier;
import dbmigrate.database.OwnerRole;
import dbmigrate.database.SqlState;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The user whose turn is next, in a transaction of the master user.
 *
 * @param current whose turn it is now
 * @param other who gets what the current one has
 */
record AlternateUser(Connection master, String current, String other, OwnerRole owner) {
    /** As the rotation templates of AWS call it. */
    private static final String SUFFIX = "_clone";

    private static final int MAX_NAME_BYTES = 63;

    /** The name of the other one of two. */
    static String of(String user) {
        String other =
                user.endsWith(SUFFIX)
                        ? user.substring(0, user.length() - SUFFIX.length())
                        : user + SUFFIX;
        if (other.isEmpty() || other.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            throw new CredentialsException(
                    "there is no second user for %s: its name would be %s, which is empty or longer than PostgreSQL's %d bytes; use another user"
                            .formatted(user, other, MAX_NAME_BYTES));
        }
        return other;
    }

    /**
     * What makes a role that both act as. The other user need not exist yet, and is given at its
     * turn what the current one has.
     */
    static String grants(Optional<OwnerRole> owner, String user) {
        String role = owner.map(OwnerRole::quoted).orElse("<owner>");
        String grants =
                "GRANT pg_signal_backend, pg_read_all_stats TO %1$s; GRANT %1$s TO %2$s;"
                        .formatted(role, Identifier.quote(user));
        return owner.isPresent()
                ? grants
                : "CREATE ROLE %s NOLOGIN CREATEDB; %s".formatted(role, grants);
    }

    /**
     * Makes the other user where there is none, and gives it the attributes and memberships of the
     * current one. Its settings (ALTER ROLE … SET) stay its own.
     *
     * @throws CredentialsException with the statement that helps, where the master user may not
     */
    void prepare() throws SQLException {
        if (!exists(current)) {
            throw new CredentialsException(
                    "there is no user %s, whose rights the other one is to get; make it, or correct the secret"
                            .formatted(current));
        }
        if (!exists(other)) {
            run("CREATE ROLE %s LOGIN".formatted(Identifier.quote(other)));
        }
        for (String statement : differences()) {
            run(statement);
        }
    }

    private boolean exists(String role) throws SQLException {
        return !texts("select 'yes' from pg_roles where rolname = ?", role).isEmpty();
    }

    private List<String> differences() throws SQLException {
        List<String> statements = new ArrayList<>();
        String attributes =
                """
                select format('ALTER ROLE %I%s', theirs.rolname, concat(
                         case when not theirs.rolcanlogin then ' LOGIN' end,
                         case when ours.rolcreatedb <> theirs.rolcreatedb then
                              case when ours.rolcreatedb then ' CREATEDB' else ' NOCREATEDB' end end,
                         case when ours.rolinherit <> theirs.rolinherit then
                              case when ours.rolinherit then ' INHERIT' else ' NOINHERIT' end end,
                         case when ours.rolconnlimit <> theirs.rolconnlimit then
                              ' CONNECTION LIMIT ' || ours.rolconnlimit end))
                from pg_roles ours, pg_roles theirs
                where ours.rolname = ? and theirs.rolname = ?
                  and (not theirs.rolcanlogin
                       or (ours.rolcreatedb, ours.rolinherit, ours.rolconnlimit)
                          <> (theirs.rolcreatedb, theirs.rolinherit, theirs.rolconnlimit))
                """;
        statements.addAll(texts(attributes, current, other));
        // Since 16 a membership may be one that only administers, which is nobody's to hand on.
        String memberships =
                """
                select format('GRANT %I TO %I', role.rolname, theirs.rolname)
                from pg_auth_members membership
                join pg_roles role on role.oid = membership.roleid
                join pg_roles ours on ours.oid = membership.member
                cross join pg_roles theirs
                where ours.rolname = ? and theirs.rolname = ? and role.oid <> theirs.oid
                  and coalesce((to_jsonb(membership) ->> 'set_option')::boolean, true)
                  and not exists (
                      select from pg_auth_members same
                      where same.roleid = role.oid and same.member = theirs.oid
                        and coalesce((to_jsonb(same) ->> 'set_option')::boolean, true))
                order by 1
                """;
        statements.addAll(texts(memberships, current, other));
        return statements;
    }

    private void run(String sql) throws SQLException {
        try (Statement statement = master.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            if (!SqlState.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                throw e;
            }
            throw new CredentialsException(
                    "the user of ROTATION_MASTER_SECRET_ARN may not give user %s what user %s has, of which acting as %s is part; let an administrator run, and rotate anew: %s;"
                            .formatted(other, current, owner.quoted(), sql),
                    e);
        }
    }

    private List<String> texts(String sql, String... names) throws SQLException {
        try (PreparedStatement select = master.prepareStatement(sql)) {
            for (int i = 0; i < names.length; i++) {
                select.setString(i + 1, names[i]);
            }
            List<String> texts = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    texts.add(row.getString(1));
                }
            }
            return texts;
        }
    }
}
