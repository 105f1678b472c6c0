package dbmigrate.worker;

import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.Configuration;

/**
 * Each reason for which a migration of a database that stands would be refused.
 *
 * @param halfDone what no roll-back undoes and what did not end
 */
record Differences(Connection connection, Flyway flyway, HalfDoneFindings halfDone) {
    /**
     * Flyway's own question, before it migrates a schema without a history: is anything there that
     * belongs to no extension?
     */
    private static final String HOLDS_OBJECTS =
            """
            select exists (
                select from pg_class c
                where c.relnamespace = s.oid and c.relkind in ('r', 'v', 'S', 't')
                  and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
                union all
                select from pg_type t
                where t.typnamespace = s.oid and t.typcategory not in ('A', 'C')
                  and not exists (select from pg_depend d where d.objid = t.oid and d.deptype = 'e')
                union all
                select from pg_proc p
                where p.pronamespace = s.oid
                  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e'))
            from pg_namespace s where s.nspname = ?
            """;

    /** All of them. */
    List<Failure> with(boolean history) throws SQLException {
        List<Failure> differences = new ArrayList<>();
        Configuration configuration = flyway.getConfiguration();
        if (!history && !configuration.isBaselineOnMigrate()) {
            String schema = FlywayHistory.schema(connection, configuration);
            if (holdsObjects(schema)) {
                differences.add(
                        Failure.of(
                                FailureCode.BASELINE_MISSING,
                                "the schema %s holds objects, and there is no history %s"
                                        .formatted(schema, halfDone.history().table())));
            }
        }
        // Some of these a migration clears away by itself; the others it names before Flyway does.
        List<Failure> unclear = halfDone.failures();
        Set<String> known =
                Stream.concat(
                                halfDone.runAgain().stream(),
                                unclear.stream().flatMap(one -> one.script().stream()))
                        .collect(Collectors.toSet());
        if (history) {
            HistoryFailure.all(flyway).stream()
                    .filter(one -> one.script().filter(known::contains).isEmpty())
                    .forEach(differences::add);
        }
        differences.addAll(unclear);
        return differences;
    }

    private boolean holdsObjects(String schema) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(HOLDS_OBJECTS)) {
            select.setString(1, schema);
            ResultSet row = select.executeQuery();
            return row.next() && row.getBoolean(1);
        }
    }
}
