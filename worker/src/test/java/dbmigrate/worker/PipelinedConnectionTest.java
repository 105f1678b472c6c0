package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.testing.TestPostgres;
import dbmigrate.testing.WireProxy;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;
import org.postgresql.util.PSQLException;

@Timeout(60)
@Tag("database")
class PipelinedConnectionTest {
    private static final String SEARCH_PATH = "SELECT set_config('search_path', ?, false)";
    private static final String SCHEMAS = "SELECT COUNT(*) FROM pg_namespace WHERE nspname=?";
    private static final String LOCK = "SELECT pg_try_advisory_lock(7)";
    private static final String UNLOCK = "SELECT pg_advisory_unlock(7)";

    private final TestPostgres postgres = TestPostgres.shared();
    private final String database = postgres.newName("pipelined");
    private WireProxy wire;
    private Connection raw;
    private Connection connection;

    @BeforeEach
    void open() throws SQLException, IOException {
        postgres.execute("postgres", "create database " + database);
        postgres.execute(
                database,
                """
                create schema other;
                create table history ("installed_rank" int primary key deferrable initially deferred, "version" text);
                """);
        wire = WireProxy.to(postgres);
        String url = postgres.url(database);
        String[] login = java.net.URI.create(url).getUserInfo().split(":", 2);
        raw =
                DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:%d/%s".formatted(wire.port(), database),
                        login[0],
                        login[1]);
        connection = PipelinedConnection.of(raw);
        wire.takenTrips();
    }

    @AfterEach
    void close() throws SQLException, IOException {
        raw.close();
        wire.close();
        postgres.execute("postgres", "drop database " + database + " with (force)");
    }

    @Test
    void whatNeedsNoAnswerGoesAlongWithTheNextStatement() throws SQLException {
        execute("SET ROLE 'postgres'");
        execute(SEARCH_PATH, "other");
        assertEquals(List.of(), wire.takenTrips());
        assertEquals("other", value("select current_schema()"));
        assertEquals(1, wire.takenTrips().size());
    }

    @Test
    void scriptsStatementFindsTheSessionSetAndIsSentAlone() throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            execute(SEARCH_PATH, "other");
            statement.execute("create table t (id int)");
        }
        connection.commit();
        assertEquals("1", value("select count(*) from pg_tables where schemaname = 'other'"));
        assertEquals("create table t (id int)", wire.takenTrips().get(1));
    }

    @Test
    void concurrentBuildIsAloneBehindWhatWasKeptBack() throws SQLException {
        execute(SEARCH_PATH, "public");
        try (Statement statement = connection.createStatement()) {
            statement.execute("create table t (id int)");
            execute("SET ROLE 'postgres'");
            statement.execute("create index concurrently i on t (id)");
        }
        assertEquals("1", value("select count(*) from pg_indexes where indexname = 'i'"));
    }

    @Test
    void errorOfAScriptsStatementTellsItsOwnPosition() throws SQLException {
        execute(SEARCH_PATH, "public");
        PSQLException failure =
                assertThrows(
                        PSQLException.class,
                        () -> {
                            try (Statement statement = connection.createStatement()) {
                                statement.execute("select 1 from\n nowhere");
                            }
                        });
        assertEquals(16, failure.getServerErrorMessage().getPosition());
    }

    @Test
    void copyComesBehindWhatWasKeptBack() throws SQLException, IOException {
        postgres.execute(database, "create table other.c (id int)");
        execute(SEARCH_PATH, "other");
        new CopyManager(connection.unwrap(BaseConnection.class))
                .copyIn("copy c from stdin", new java.io.StringReader("1\n2\n"));
        assertEquals("2", value("select count(*) from other.c"));
    }

    @Test
    void questionThatFollowedBeforeIsAskedAlong() throws SQLException {
        for (int i = 0; i < 2; i++) {
            assertEquals("t", value(LOCK));
            execute("SET ROLE 'postgres'");
            assertEquals("1", value(SCHEMAS, "other"));
        }
        assertEquals(3, wire.takenTrips().size());
    }

    @Test
    void answerIsGivenToTheSameQuestionAlone() throws SQLException {
        value(LOCK);
        value(SCHEMAS, "other");
        value(LOCK);
        assertEquals("0", value(SCHEMAS, "another"));
        assertEquals(4, wire.takenTrips().size());
    }

    @Test
    void answerIsThrownAwayWhereAnythingWasSentSince() throws SQLException {
        value(LOCK);
        assertEquals("1", value(SCHEMAS, "other"));
        value(LOCK);
        try (Statement statement = connection.createStatement()) {
            statement.execute("drop schema other");
        }
        assertEquals("0", value(SCHEMAS, "other"));
    }

    @Test
    void answerIsThrownAwayWhereSomebodyHasTheDriversConnection() throws SQLException {
        value(LOCK);
        value(SCHEMAS, "other");
        value(LOCK);
        try (Statement statement = connection.unwrap(BaseConnection.class).createStatement()) {
            statement.execute("drop schema other");
        }
        assertEquals("0", value(SCHEMAS, "other"));
    }

    @Test
    void whatWasKeptBackBeforeATransactionIsNotUndoneWithIt() throws SQLException {
        execute(SEARCH_PATH, "other");
        connection.setAutoCommit(false);
        value("select 1");
        connection.rollback();
        connection.setAutoCommit(true);
        assertEquals("other", value("select current_schema()"));
    }

    @Test
    void whatWasKeptBackInATransactionIsUndoneWithIt() throws SQLException {
        connection.setAutoCommit(false);
        value("select 1");
        execute(SEARCH_PATH, "other");
        connection.rollback();
        connection.setAutoCommit(true);
        assertEquals("public", value("select current_schema()"));
    }

    @Test
    void unlockingGoesAlongWithTheCommitOfAMigration() throws SQLException {
        migrate(1);
        wire.takenTrips();
        migrate(2);
        assertEquals(List.of("LOCK", "INSERT, COMMIT and unlock"), kinds());
        assertEquals("0", value("select count(*) from pg_locks where locktype = 'advisory'"));
    }

    @Test
    void nextMigrationsLockGoesAlongWithTheCommitOfTheOneBefore() throws SQLException {
        migrateAndLook(1, 5);
        wire.takenTrips();
        migrateAndLook(6, 6);
        // All up to the question behind the lock, and the history by itself.
        List<String> trips = wire.takenTrips();
        assertEquals(2, trips.size(), () -> String.join("\n", trips));
        assertTrue(trips.getLast().contains("history"), trips::getLast);
    }

    @Test
    void lockThatWasTakenAheadAndIsNotAskedForIsLetGoBeforeAnythingElse() throws SQLException {
        migrateAndLook(1, 5);
        migrateLocked(6);
        try (Connection other = postgres.connect(database)) {
            assertEquals("1", locks(other));
        }
        assertEquals("0", locks(connection));
    }

    @Test
    void lockThatAnotherHasIsNotTakenAhead() throws SQLException {
        migrateAndLook(1, 5);
        connection.setAutoCommit(false);
        assertEquals("t", value(UNLOCK));
        try (Connection other = postgres.connect(database);
                Statement statement = other.createStatement()) {
            statement.execute(LOCK);
            insert(6);
            connection.commit();
            connection.setAutoCommit(true);
            assertEquals("f", value(UNLOCK));
            assertEquals("f", value(LOCK));
            statement.execute("insert into history values (7, 'of another')");
            statement.execute(UNLOCK);
        }
        assertEquals("t", value(LOCK));
        assertEquals("67", ranksAbove(5));
    }

    @Test
    void lineOfTheHistoryThatTheServerRefusesIsNotCommitted() throws SQLException {
        migrate(1);
        value(LOCK);
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("create table t (id int)");
        }
        try (PreparedStatement insert = line()) {
            insert.setNull(1, java.sql.Types.INTEGER);
            insert.setString(2, "x");
            insert.executeUpdate();
        }
        SQLException failure = assertThrows(SQLException.class, connection::commit);
        assertEquals("23502", failure.getSQLState());
        connection.rollback();
        connection.setAutoCommit(true);
        assertEquals("0", value("select count(*) from pg_tables where tablename = 't'"));
        assertEquals("t", value(UNLOCK));
    }

    @Test
    void lineOfTheHistoryIsThereForAnyStatementBehindIt() throws SQLException {
        connection.setAutoCommit(false);
        insert(1);
        try (Statement statement = connection.createStatement()) {
            assertEquals(1, statement.executeUpdate("update history set version = 'y'"));
        }
        connection.commit();
        assertEquals(List.of("y"), postgres.query(database, "select version from history"));
    }

    @Test
    void lineOfTheHistoryWithoutATransactionIsWrittenAtOnce() throws SQLException {
        insert(1);
        assertEquals(List.of("1"), postgres.query(database, "select count(*) from history"));
    }

    @Test
    void lineOfTheHistoryGoesWithARollback() throws SQLException {
        connection.setAutoCommit(false);
        insert(1);
        connection.rollback();
        connection.setAutoCommit(true);
        assertEquals("0", value("select count(*) from history"));
    }

    @Test
    void historyIsReadAlongWithTheQuestionBeforeItFromWhereItIsKnown() throws SQLException {
        for (int rank = 0; rank < 3; rank++) {
            wire.takenTrips();
            connection.setAutoCommit(false);
            value(SCHEMAS, "other");
            assertEquals("", ranksAbove(rank));
            insert(rank + 1);
            connection.commit();
            connection.setAutoCommit(true);
            assertEquals(Integer.toString(rank + 1), ranksAbove(rank));
        }
        // The question and the history, the line and its COMMIT, the history again.
        List<String> trips = wire.takenTrips();
        assertEquals(3, trips.size(), () -> String.join("\n", trips));
    }

    @Test
    void historyIsReadAnewForAnotherRole() throws SQLException {
        String role = postgres.newName("reader");
        postgres.execute("postgres", "create role " + role);
        try {
            for (String next : List.of("postgres", "postgres", role)) {
                connection.setAutoCommit(false);
                execute("SET ROLE 'postgres'");
                value(SCHEMAS, "other");
                execute("SET ROLE '" + next + "'");
                if (next.equals(role)) {
                    SQLException refused = assertThrows(SQLException.class, () -> ranksAbove(0));
                    assertEquals("42501", refused.getSQLState());
                } else {
                    assertEquals("", ranksAbove(0));
                }
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } finally {
            postgres.execute("postgres", "drop role " + role);
        }
    }

    @Test
    void historyThatIsReadFromElsewhereIsReadAnew() throws SQLException {
        connection.setAutoCommit(false);
        insert(1);
        connection.commit();
        for (int i = 0; i < 2; i++) {
            value(SCHEMAS, "other");
            assertEquals("1", ranksAbove(-i));
            connection.commit();
        }
    }

    @Test
    void historyIsNotReadAlongOutsideOfATransaction() throws SQLException {
        for (int i = 0; i < 2; i++) {
            wire.takenTrips();
            value(SCHEMAS, "other");
            ranksAbove(0);
        }
        assertEquals(2, wire.takenTrips().size());
    }

    @Test
    void commitThatFailsUnlocksNothing() throws SQLException {
        migrate(1);
        value(LOCK);
        connection.setAutoCommit(false);
        insert(2);
        insert(2);
        SQLException failure = assertThrows(SQLException.class, connection::commit);
        assertEquals("23505", failure.getSQLState());
        connection.rollback();
        connection.setAutoCommit(true);
        assertEquals("1", value("select count(*) from pg_locks where locktype = 'advisory'"));
        assertEquals("t", value(UNLOCK));
    }

    @Test
    void commitOfSomethingElseTakesNothingAlong() throws SQLException {
        migrate(1);
        value(LOCK);
        connection.setAutoCommit(false);
        value("select 1");
        connection.commit();
        connection.setAutoCommit(true);
        assertEquals("1", value("select count(*) from pg_locks where locktype = 'advisory'"));
    }

    @Test
    void severalResultsAreTheDriversOwnMatter() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select 1; select ?::int")) {
            statement.setInt(1, 2);
            assertTrue(statement.execute());
            assertTrue(statement.getMoreResults());
            ResultSet rows = statement.getResultSet();
            assertTrue(rows.next());
            assertEquals(2, rows.getInt(1));
        }
    }

    @Test
    void batchAndGeneratedKeysAreTheDriversOwnMatter() throws SQLException {
        execute(SEARCH_PATH, "other");
        try (Statement statement = connection.createStatement()) {
            statement.execute("create table k (id int generated always as identity, c text)");
        }
        try (PreparedStatement insert =
                connection.prepareStatement("insert into k (c) values (?)")) {
            for (String c : List.of("a", "b")) {
                insert.setString(1, c);
                insert.addBatch();
            }
            assertEquals(2, insert.executeBatch().length);
        }
        assertEquals("2", value("select count(*) from other.k"));
    }

    @Test
    void answerIsStillReadWhileOthersAreAsked() throws SQLException {
        try (PreparedStatement outer = connection.prepareStatement("select generate_series(1, 3)");
                ResultSet rows = outer.executeQuery()) {
            int sum = 0;
            while (rows.next()) {
                sum += Integer.parseInt(value("select " + rows.getInt(1)));
            }
            assertEquals(6, sum);
        }
        assertFalse(connection.isClosed());
    }

    private void migrate(int rank) throws SQLException {
        assertEquals("t", value(LOCK));
        connection.setAutoCommit(false);
        insert(rank);
        connection.commit();
        connection.setAutoCommit(true);
        assertEquals("t", value(UNLOCK));
    }

    /** As Flyway does one after the other: each with its lock, and what is new. */
    private void migrateAndLook(int first, int last) throws SQLException {
        for (int rank = first; rank <= last; rank++) {
            migrateLocked(rank);
            execute("SET ROLE 'postgres'");
            assertEquals("t", value(LOCK));
            assertEquals("1", value(SCHEMAS, "other"));
            execute("SET ROLE 'postgres'");
            assertEquals(Integer.toString(rank), ranksAbove(rank - 1));
        }
    }

    private void migrateLocked(int rank) throws SQLException {
        connection.setAutoCommit(false);
        execute("SET ROLE 'postgres'");
        insert(rank);
        connection.commit();
        connection.setAutoCommit(true);
        value(UNLOCK);
    }

    private static String locks(Connection asking) throws SQLException {
        try (Statement statement = asking.createStatement();
                ResultSet locks =
                        statement.executeQuery(
                                "select count(*) from pg_locks where locktype = 'advisory'")) {
            assertTrue(locks.next());
            return locks.getString(1);
        }
    }

    private void insert(int rank) throws SQLException {
        try (PreparedStatement insert = line()) {
            insert.setInt(1, rank);
            insert.setString(2, "x");
            assertEquals(1, insert.executeUpdate());
        }
    }

    private PreparedStatement line() throws SQLException {
        return connection.prepareStatement(
                "INSERT INTO history (\"installed_rank\", \"version\") VALUES (?, ?)");
    }

    private String ranksAbove(int rank) throws SQLException {
        String sql =
                "/*NO LOAD BALANCE*/\nSELECT \"installed_rank\",\"version\" FROM history WHERE"
                        + " \"installed_rank\" > ? ORDER BY \"installed_rank\"";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setInt(1, rank);
            ResultSet rows = select.executeQuery();
            StringBuilder ranks = new StringBuilder();
            while (rows.next()) {
                ranks.append(rows.getInt(1));
            }
            return ranks.toString();
        }
    }

    private List<String> kinds() {
        return wire.takenTrips().stream()
                .map(trip ->
                        trip.contains("INSERT")
                                        && trip.contains("COMMIT")
                                        && trip.contains("unlock")
                                ? "INSERT, COMMIT and unlock"
                                : trip.contains("lock") ? "LOCK" : trip)
                .toList();
    }

    private void execute(String sql, String... parameters) throws SQLException {
        try (PreparedStatement statement = prepared(sql, parameters)) {
            statement.execute();
        }
    }

    private String value(String sql, String... parameters) throws SQLException {
        try (PreparedStatement statement = prepared(sql, parameters);
                ResultSet row = statement.executeQuery()) {
            assertTrue(row.next());
            return row.getString(1);
        }
    }

    private PreparedStatement prepared(String sql, String... parameters) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            statement.setString(i + 1, parameters[i]);
        }
        return statement;
    }
}
