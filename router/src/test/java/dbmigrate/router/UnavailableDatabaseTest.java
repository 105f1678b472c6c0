package dbmigrate.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dbmigrate.database.DatabaseUrl;
import dbmigrate.process.ProcessConnection;
import dbmigrate.settings.ServerSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** What a caller reads where the process rows cannot be had. */
class UnavailableDatabaseTest {
    @Test
    void unknownHostIsToldFromAServerThatIsDown() {
        Problem problem = problem("db.invalid:5432");
        assertEquals(ProblemCode.HOST_UNKNOWN, problem.code());
        assertEquals(503, problem.status());
    }

    @Test
    void refusedConnectionIsAnUnavailableDatabase() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        assertEquals(ProblemCode.DATABASE_UNAVAILABLE, problem("127.0.0.1:" + port).code());
    }

    @Test
    void driversOwnMessageIsNotPassedOn() {
        assertFalse(problem("db.invalid:5432").detail().contains("attempt failed"));
    }

    private static Problem problem(String host) {
        DatabaseUrl url = DatabaseUrl.parse("postgresql://u:hunter2@" + host + "/app");
        ProcessConnection rows =
                new ProcessConnection(new ServerSettings(url, "postgres", "router-tests"));
        SQLException failure =
                assertThrows(
                        SQLException.class,
                        () -> rows.call(connection -> connection.createStatement().execute("")));
        Problem problem = RouterHandler.problemOf(failure);
        assertFalse(problem.detail().contains("hunter2"), problem.detail());
        return problem;
    }
}
