package dbmigrate.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.settings.ServerSettings;
import java.lang.reflect.Field;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("database")
class OpeningAheadTest {
    private final RowsFixture fixture = new RowsFixture();

    @AfterEach
    void close() throws SQLException {
        fixture.close();
    }

    @Test
    void connectionThatWasOpenedAheadIsTheOneThatWorks() throws Exception {
        try (ProcessConnection rows = new ProcessConnection(fixture.server)) {
            rows.openAhead();
            rows.openAhead();
            assertEquals(1, rows.call(OpeningAheadTest::sessions));
            rows.openAhead();
            assertEquals(1, rows.call(OpeningAheadTest::sessions));
        }
    }

    @Test
    void connectionThatWasOpenedAheadAndNotUsedIsClosed() throws Exception {
        ProcessConnection rows = new ProcessConnection(fixture.server);
        rows.openAhead();
        rows.close();
        // The server may still be about to end it.
        try (ProcessConnection other = new ProcessConnection(fixture.server)) {
            assertEquals(1, other.call(OpeningAheadTest::sessionsInTheEnd));
        }
    }

    @Test
    void connectionThatDiedUnusedIsReplaced() throws Exception {
        try (ProcessConnection rows = new ProcessConnection(fixture.server);
                ProcessConnection other = new ProcessConnection(fixture.server)) {
            rows.openAhead();
            other.call(connection -> {
                while (sessions(connection) < 2) {
                    Thread.onSpinWait();
                }
                return execute(
                        connection,
                        "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
            });
            assertEquals(2, rows.call(OpeningAheadTest::sessions));
        }
    }

    @Test
    void failureToOpenIsTheCallersAndTheNextCallOpensAnew() throws Exception {
        String name = fixture.postgres.newName("later");
        ServerSettings server =
                new ServerSettings(fixture.server.url(), name, fixture.server.stackName());
        try (ProcessConnection rows = new ProcessConnection(server)) {
            rows.openAhead();
            SQLException failure =
                    assertThrows(
                            ProcessRowsException.class,
                            () -> rows.call(OpeningAheadTest::sessions));
            assertEquals("3D000", failure.getSQLState());
            fixture.postgres.execute("postgres", "create database " + name);
            assertEquals(1, rows.call(OpeningAheadTest::sessions));
        } finally {
            fixture.postgres.execute(
                    "postgres", "drop database if exists " + name + " with (force)");
        }
    }

    /** The next call opens anew behind what is no SQLException, too: the instance lives on. */
    @Test
    void failureThatNobodyExpectedIsNotKeptForTheNextCall() throws Exception {
        try (ProcessConnection rows = ProcessConnection.asItIs(fixture.server)) {
            Field ahead = ProcessConnection.class.getDeclaredField("ahead");
            ahead.setAccessible(true);
            ahead.set(
                    rows,
                    OpeningConnection.begin(() -> {
                        throw new IllegalStateException("not this time");
                    }));
            assertThrows(IllegalStateException.class, () -> rows.call(connection -> "never"));
            assertEquals("works", rows.call(connection -> "works"));
        }
    }

    @Test
    void connectionIsClosedThoughTheOneWhoWaitsForItIsInterrupted() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        FutureTask<Connection> opening =
                new FutureTask<>(() -> {
                    goOn.await();
                    return fixture.postgres.connect("postgres");
                });
        OpeningConnection ahead =
                OpeningConnection.begin(() -> {
                    opening.run();
                    return opening.get();
                });
        Thread.currentThread().interrupt();
        ahead.close();
        Thread.interrupted();
        goOn.countDown();
        Connection made = opening.get();
        // It may be closed on the thread that opened it.
        for (int i = 0; i < 50 && !made.isClosed(); i++) {
            Thread.sleep(20);
        }
        try (made) {
            assertTrue(made.isClosed());
        }
    }

    @Test
    void connectionThatTakesTheRowsAsTheyAreMakesNoSchema() throws Exception {
        try (ProcessConnection rows = ProcessConnection.asItIs(fixture.server)) {
            Processes processes = new Processes(rows, RowsFixture.STACK);
            SQLException missing =
                    assertThrows(
                            ProcessRowsException.class,
                            () ->
                                    processes.record(
                                            fixture.newProcess(java.util.Optional.empty()),
                                            () -> {}));
            assertEquals("42P01", missing.getSQLState());
            assertEquals(0, rows.call(OpeningAheadTest::schemas));
        }
    }

    private static int sessions(Connection connection) throws SQLException {
        return execute(
                connection,
                "select count(*) from pg_stat_activity where datname = current_database() and backend_type = 'client backend'");
    }

    private static int sessionsInTheEnd(Connection connection) throws SQLException {
        int sessions = sessions(connection);
        for (long until = System.nanoTime() + 5_000_000_000L;
                sessions > 1 && System.nanoTime() < until; ) {
            sessions = sessions(connection);
        }
        return sessions;
    }

    private static int schemas(Connection connection) throws SQLException {
        return execute(
                connection, "select count(*) from pg_namespace where nspname = 'db_migrate'");
    }

    private static int execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        }
    }
}
