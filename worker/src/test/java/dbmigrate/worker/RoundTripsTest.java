package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How often a run waits for the server, beyond what opens its sessions. */
@Timeout(120)
@Tag("database")
class RoundTripsTest {
    @TempDir Path migrations;

    private WireCounter wire;
    private RunFixture fixture;

    @BeforeEach
    void open() throws IOException {
        wire = new WireCounter(dbmigrate.testing.TestPostgres.shared().port());
        fixture = new RunFixture(migrations, this::url);
    }

    private String url(String database) {
        dbmigrate.testing.TestPostgres server = dbmigrate.testing.TestPostgres.shared();
        return server.url(database).replace(":" + server.port() + "/", ":" + wire.port() + "/");
    }

    @AfterEach
    void close() throws SQLException, IOException {
        fixture.close();
        wire.close();
    }

    @Test
    void measure() throws SQLException {
        for (int i = 1; i <= 5; i++) {
            fixture.file("V" + i + "__t.sql", "create table t" + i + " (id int)");
        }
        run("from empty, 5");
        run("nothing pending");
        fixture.file("V6__t.sql", "create table t6 (id int)");
        run("one pending");
        for (int i = 7; i <= 8; i++) {
            fixture.file("V" + i + "__t.sql", "create table t" + i + " (id int)");
        }
        run("two pending");
        for (int i = 9; i <= 108; i++) {
            fixture.file("V" + i + "__t.sql", "create table t" + i + " (id int)");
        }
        var claimed = fixture.claimed();
        wire.reset();
        fixture.attempt(claimed, TimeLimit.none());
        System.out.println("== 100 pending: " + wire.trips().size());
    }

    private void run(String what) throws SQLException {
        var claimed = fixture.claimed();
        wire.reset();
        fixture.attempt(claimed, TimeLimit.none());
        List<String> trips = wire.trips();
        System.out.println("== " + what + ": " + trips.size());
        for (String trip : trips) {
            String s = trip.replaceAll("\\s+", " ");
            System.out.println("   " + s.substring(0, Math.min(230, s.length())));
        }
    }
}
