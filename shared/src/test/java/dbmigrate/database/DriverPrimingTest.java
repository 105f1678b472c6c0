package dbmigrate.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class DriverPrimingTest {
    /** It throws where the driver is refused otherwise, or not at all. */
    @Test
    void driverIsRefusedALoginAndAStatementAsOftenAsItIsAsked() throws Exception {
        DriverPriming.run();
        DriverPriming.run();
    }

    @Test
    void nobodyLogsInToTheServerThatRefuses() throws Exception {
        try (RefusingServer server = RefusingServer.start()) {
            String url = "jdbc:postgresql://127.0.0.1:%d/any?user=any&password=any&sslmode=disable";
            SQLException refused =
                    assertThrows(
                            SQLException.class,
                            () -> DriverManager.getConnection(url.formatted(server.port())));
            assertEquals("28P01", refused.getSQLState());
        }
    }
}
