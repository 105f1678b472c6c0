package dbmigrate.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.database.DatabaseUrl;
import dbmigrate.database.SecretCredentials;
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

    /** Neither the host, which is unknown, nor anything else is asked. */
    @Test
    void secretThatCannotBeReadIsNamedWithWhatToCheck() {
        String arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app-AbCdEf";
        System.setProperty("aws.endpointUrlSecretsManager", "http://127.0.0.1:1");
        System.setProperty("aws.accessKeyId", "test");
        System.setProperty("aws.secretAccessKey", "test");
        Problem problem =
                problem(
                        DatabaseUrl.parse(
                                "postgresql://u:hunter2@db.invalid/app",
                                SecretCredentials.of(arn)));
        assertEquals(ProblemCode.SECRET_UNAVAILABLE, problem.code());
        assertEquals(503, problem.status());
        assertTrue(problem.detail().contains(arn), problem.detail());
        assertTrue(problem.detail().contains("interface endpoint"), problem.detail());
    }

    @Test
    void driversOwnMessageIsNotPassedOn() {
        assertFalse(problem("db.invalid:5432").detail().contains("attempt failed"));
    }

    private static Problem problem(String host) {
        return problem(DatabaseUrl.parse("postgresql://u:hunter2@" + host + "/app"));
    }

    private static Problem problem(DatabaseUrl url) {
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
