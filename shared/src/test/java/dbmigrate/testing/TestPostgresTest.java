package dbmigrate.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("database")
class TestPostgresTest {
    private final TestPostgres postgres = TestPostgres.shared();

    @Test
    void sessionsAreNotInUtc() {
        assertEquals(
                List.of("Asia/Kathmandu|off"),
                postgres.query(
                        "postgres",
                        "select current_setting('timezone'), current_setting('fsync')"));
    }

    @Test
    void threeHundredSessionsFit() {
        assertEquals(List.of("300"), postgres.query("postgres", "show max_connections"));
    }

    @Test
    void wrongPasswordIsTurnedAway() {
        SQLException refusal = assertThrows(SQLException.class, () -> login("wrong").close());
        assertEquals("28P01", refusal.getSQLState());
    }

    @Test
    void thereIsOneServerInAJvm() {
        assertEquals(postgres.port(), TestPostgres.shared().port());
    }

    private Connection login(String password) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://" + postgres.host() + ":" + postgres.port() + "/postgres",
                "postgres",
                password);
    }
}
