package dbmigrate.worker;

import dbmigrate.database.Identifier;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The constraints that a commit would check. */
final class DeferredConstraints {
    private static final String NAMES =
            """
            select distinct n.nspname, c.conname, c.condeferred
            from pg_constraint c join pg_namespace n on n.oid = c.connamespace
            where c.condeferrable and n.oid <> pg_my_temp_schema()
              and has_schema_privilege(n.oid, 'usage')
              -- SET CONSTRAINTS refuses a name that stands for one of these too.
              and not exists (
                  select from pg_constraint twin
                  where twin.connamespace = c.connamespace and twin.conname = c.conname
                    and not twin.condeferrable)
            """;

    private DeferredConstraints() {}

    /**
     * Checks them, as a commit would, and leaves each as it was declared. By name, since ALL would
     * stand for those that later migrations make as well.
     */
    static void check(Connection connection) throws SQLException {
        List<String> all = new ArrayList<>();
        List<String> deferred = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(NAMES)) {
            while (row.next()) {
                String name =
                        Identifier.quote(row.getString(1))
                                + "."
                                + Identifier.quote(row.getString(2));
                all.add(name);
                if (row.getBoolean(3)) {
                    deferred.add(name);
                }
            }
        }
        set(connection, all, "immediate");
        set(connection, deferred, "deferred");
    }

    private static void set(Connection connection, List<String> names, String when)
            throws SQLException {
        if (!names.isEmpty()) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("set constraints " + String.join(", ", names) + " " + when);
            }
        }
    }
}
