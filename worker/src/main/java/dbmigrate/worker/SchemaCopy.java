package dbmigrate.worker;

import dbmigrate.database.SessionSettings;
import dbmigrate.database.SqlState;
import dbmigrate.process.Failure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A database's schema and its history, to be made once more in a scratch database.
 *
 * <ol>
 *   <li>The statements that make it are read in one transaction that only reads, and takes no lock
 *       that a writer or a change of the schema waits for longer than it lasts.
 *   <li>They are done in the scratch database ({@link ScratchSchema}).
 *   <li>What then stands there is compared with what stood in the source, object by object and
 *       column by column. What differs is an error: a rehearsal on another schema would mislead.
 * </ol>
 *
 * <p>No row is copied but the history's, and no owner, privilege or comment; the tables' statistics
 * where they are wanted.
 *
 * @param locale clauses of CREATE DATABASE
 * @param shape what has to stand in the copy
 * @param notCopied what is left out on purpose
 * @param history Flyway's table
 * @param path the source's search path
 * @param historyRows as JSON; empty where there is no history
 * @param settings of the database, by name
 * @param statistics where they are wanted and can be had
 */
record SchemaCopy(
        String locale,
        List<String> first,
        List<String> last,
        SchemaShape shape,
        List<String> notCopied,
        String path,
        String history,
        Optional<String> historyRows,
        Map<String, String> settings,
        Optional<TableStatistics> statistics) {
    private static final String PUBLIC = "schema public";

    /** The columns of pg_database differ from version to version. */
    private static final String LOCALE =
            """
            select format('encoding %L lc_collate %L lc_ctype %L', pg_encoding_to_char(encoding),
                          datcollate, datctype)
                   || case to_jsonb(d) ->> 'datlocprovider'
                      when 'i' then format(' locale_provider icu icu_locale %L',
                                           coalesce(to_jsonb(d) ->> 'datlocale',
                                                    to_jsonb(d) ->> 'daticulocale'))
                      when 'b' then format(' locale_provider builtin builtin_locale %L',
                                           to_jsonb(d) ->> 'datlocale')
                      when 'c' then ' locale_provider libc'
                      else '' end
            from pg_database d where datname = current_database()
            """;

    private static final String SETTINGS =
            """
            select one from pg_db_role_setting, unnest(setconfig) one
            where setrole in (0, (select oid from pg_roles where rolname = session_user))
              and (setdatabase = (select oid from pg_database where datname = current_database())
                   or setdatabase = 0 and setrole <> 0)
            -- The later one counts, as in PostgreSQL.
            order by setrole <> 0, setdatabase <> 0
            """;

    /**
     * What came of it.
     *
     * @param failure why it could not be made
     * @param notCopied what is left out
     */
    record Made(Optional<Failure> failure, List<String> notCopied) {
        Made {
            notCopied = List.copyOf(notCopied);
        }
    }

    SchemaCopy {
        first = List.copyOf(first);
        last = List.copyOf(last);
        notCopied = List.copyOf(notCopied);
        settings = Map.copyOf(settings);
    }

    /**
     * Reads a database.
     *
     * @param withStatistics whether the tables' are wanted
     */
    static SchemaCopy read(Connection source, FlywayConfiguration flyway, boolean withStatistics)
            throws SQLException {
        FlywayHistory history = FlywayHistory.of(source, flyway.read());
        boolean exists = history.exists();
        String path = SchemaStatements.texts(source, "show search_path").getFirst();
        source.setAutoCommit(false);
        try {
            execute(source, "set transaction isolation level repeatable read, read only");
            execute(source, "set local search_path = ''");
            SchemaShape shape = SchemaShape.read(source, history.table());
            List<String> leftOut = new ArrayList<>(shape.leftOut());
            Optional<TableStatistics> statistics =
                    withStatistics ? TableStatistics.read(source) : Optional.empty();
            if (withStatistics && statistics.isEmpty()) {
                leftOut.add(TableStatistics.NOT_COPIED);
            }
            return new SchemaCopy(
                    SchemaStatements.texts(source, LOCALE).getFirst(),
                    SchemaStatements.first(source),
                    SchemaStatements.last(source),
                    shape,
                    leftOut,
                    path,
                    history.table(),
                    exists
                            ? Optional.of(
                                    SchemaStatements.texts(
                                                    source,
                                                    "select coalesce(json_agg(h), '[]') from %s h"
                                                            .formatted(history.table()))
                                            .getFirst())
                            : Optional.empty(),
                    settings(source),
                    statistics);
        } finally {
            source.rollback();
            source.setAutoCommit(true);
        }
    }

    /** Those that our own sessions set anew are no use. */
    private static Map<String, String> settings(Connection source) throws SQLException {
        Set<String> ours = SessionSettings.forMigrations(Duration.ZERO).parameters().keySet();
        return SchemaStatements.texts(source, SETTINGS).stream()
                .map(one -> one.split("=", 2))
                .filter(one -> !ours.contains(one[0]))
                .collect(Collectors.toMap(one -> one[0], one -> one[1], (_, later) -> later));
    }

    /** Makes it in an empty database. */
    Made into(Connection scratch) throws SQLException {
        String own = SchemaStatements.texts(scratch, "show search_path").getFirst();
        execute(scratch, "set search_path = ''; set check_function_bodies = off");
        boolean bare = shape.objects().contains(PUBLIC) || dropped(scratch);
        ScratchSchema making = new ScratchSchema(scratch, path);
        Optional<Failure> failure = making.make(first);
        if (failure.isEmpty()) {
            failure = making.make(last);
        }
        List<String> missing = new ArrayList<>();
        if (failure.isEmpty()) {
            missing.addAll(shape.missingIn(SchemaShape.read(scratch, history)));
            failure = SchemaShape.difference(missing, making.refused());
        }
        execute(scratch, "reset check_function_bodies");
        making.set("search_path", own);
        if (failure.isEmpty()) {
            fill(scratch, making);
        }
        missing.addAll(notCopied);
        if (!bare) {
            missing.add("the lack of the " + PUBLIC);
        }
        return new Made(failure, missing.stream().sorted().toList());
    }

    /** A new database has the schema public, which the source's owner may have dropped. */
    private static boolean dropped(Connection scratch) throws SQLException {
        try {
            execute(scratch, "drop schema public");
            return true;
        } catch (SQLException e) {
            if (!SqlState.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                throw e;
            }
            return false;
        }
    }

    private void fill(Connection scratch, ScratchSchema made) throws SQLException {
        if (historyRows.isPresent()) {
            String sql =
                    "insert into %1$s select * from json_populate_recordset(null::%1$s, ?::json)"
                            .formatted(history);
            try (PreparedStatement insert = scratch.prepareStatement(sql)) {
                insert.setString(1, historyRows.get());
                insert.executeUpdate();
            }
        }
        if (statistics.isPresent()) {
            statistics.get().into(scratch);
        }
        for (Map.Entry<String, String> one : settings.entrySet()) {
            try {
                made.set(one.getKey(), one.getValue());
            } catch (SQLException e) {
                if (scratch.isClosed()) {
                    throw e;
                }
                // Not one that this role may set: no migration of it depends on that.
            }
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
