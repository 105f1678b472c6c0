package dbmigrate.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.database.DatabaseUrl;
import dbmigrate.settings.ServerSettings;
import dbmigrate.testing.RoundTripCounter;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How often the router waits for the server, once the schema stands. */
@Tag("database")
@Timeout(60)
class RoundTripsTest {
    /** TLS or not; the start; two of SCRAM; the session's settings. */
    private static final int LOGIN = 5;

    private final RowsFixture fixture = new RowsFixture();
    private RoundTripCounter counter;
    private Processes processes;

    @BeforeEach
    void start() throws IOException, SQLException {
        fixture.queued();
        counter = RoundTripCounter.start(fixture.postgres);
        var server =
                new ServerSettings(
                        DatabaseUrl.parse(counter.url("app")),
                        fixture.maintenance,
                        RowsFixture.STACK);
        processes = new Processes(new ProcessConnection(server), RowsFixture.STACK);
    }

    @AfterEach
    void stop() throws IOException, SQLException {
        processes.rows().close();
        counter.close();
        fixture.close();
    }

    @Test
    void recordingTakesTwoAndReadingOne() throws SQLException {
        NewProcess first = fixture.newProcess(Optional.of("a-key"));
        processes.record(first, () -> {});
        assertEquals(LOGIN + 2, counter.taken());
        processes.record(fixture.newProcess(Optional.empty()), () -> {});
        assertEquals(2, counter.taken());
        assertTrue(processes.find(first.id()).isPresent());
        assertEquals(1, counter.taken());
    }

    @Test
    void sessionBearsItsNameFromTheLoginOn() throws SQLException {
        String named =
                processes
                        .rows()
                        .call(connection -> {
                            try (var statement = connection.createStatement();
                                    var row = statement.executeQuery("show application_name")) {
                                row.next();
                                return row.getString(1);
                            }
                        });
        assertEquals("db-migrate", named);
        assertEquals(LOGIN + 1, counter.taken());
    }
}
