package dbmigrate.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.database.DatabaseUrl;
import dbmigrate.settings.ServerSettings;
import dbmigrate.testing.WireProxy;
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
class ProcessesRoundTripsTest {
    /** TLS or not; the start; two of SCRAM; the session's settings. */
    private static final int LOGIN = 5;

    private final RowsFixture fixture = new RowsFixture();
    private WireProxy wire;
    private Processes processes;

    @BeforeEach
    void start() throws IOException, SQLException {
        fixture.queued();
        wire = WireProxy.to(fixture.postgres);
        var server =
                new ServerSettings(
                        DatabaseUrl.parse(wire.through(fixture.postgres.url("app"))),
                        fixture.maintenance,
                        RowsFixture.STACK);
        processes = new Processes(new ProcessConnection(server), RowsFixture.STACK);
    }

    @AfterEach
    void stop() throws IOException, SQLException {
        processes.rows().close();
        wire.close();
        fixture.close();
    }

    /** What opens a session is waited for as well. */
    private int taken() {
        var count = wire.takenTogether();
        return count.opening() + count.trips();
    }

    @Test
    void recordingTakesTwoAndReadingOne() throws SQLException {
        NewProcess first = fixture.newProcess(Optional.of("a-key"));
        processes.record(first, () -> {});
        assertEquals(LOGIN + 2, taken());
        processes.record(fixture.newProcess(Optional.empty()), () -> {});
        assertEquals(2, taken());
        assertTrue(processes.find(first.id()).isPresent());
        assertEquals(1, taken());
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
        assertEquals(LOGIN + 1, taken());
    }
}
