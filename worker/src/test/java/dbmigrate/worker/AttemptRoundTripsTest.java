package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.process.Claim;
import dbmigrate.testing.TestPostgres;
import dbmigrate.testing.WireProxy;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * How often an attempt waits for the server. What opens its sessions is left out, and the
 * heartbeat, which comes once a second and is waited for by nobody.
 */
@Timeout(120)
@Tag("database")
class AttemptRoundTripsTest {
    private static final List<String> LEFT_OUT =
            List.of(
                    "select (select count(set_config(known.name",
                    "with session as",
                    "select from pg_stat_activity",
                    "set heartbeat_at = clock_timestamp(), lease_until");

    /** The claim is made before the attempt. */
    private static final int CLAIM = 1;

    /** Each file of this test is one statement. */
    private static final int SCRIPT = 1;

    @TempDir Path migrations;

    private final TestPostgres postgres = TestPostgres.shared();
    private WireProxy wire;
    private RunFixture fixture;
    private int files;

    @BeforeEach
    void open() throws IOException, SQLException {
        wire = WireProxy.to(postgres);
        fixture = new RunFixture(migrations, this::url);
        add(1);
        fixture.attempt(fixture.claimed(), TimeLimit.none());
    }

    @AfterEach
    void close() throws SQLException, IOException {
        fixture.close();
        wire.close();
    }

    @Test
    void runWithNothingPendingWaitsAtMostEightTimes() throws SQLException {
        List<String> trips = attempt();
        assertTrue(CLAIM + trips.size() <= 8, () -> String.join("\n", trips));
    }

    @Test
    void migrationAddsAtMostFiveToItsOwn() throws SQLException {
        // With the first ones it is learned what follows what.
        add(7);
        List<String> few = attempt();
        add(57);
        List<String> many = attempt();
        assertTrue(
                many.size() - few.size() <= 50 * (5 + SCRIPT),
                () -> few.size() + " and " + many.size() + "\n" + String.join("\n", many));
    }

    private List<String> attempt() throws SQLException {
        Claim.Claimed claimed = fixture.claimed();
        wire.takenTrips();
        assertTrue(fixture.attempt(claimed, TimeLimit.none()) instanceof Ending.Completed);
        return wire.takenTrips().stream()
                .filter(trip -> LEFT_OUT.stream().noneMatch(trip::contains))
                .toList();
    }

    private void add(int count) {
        for (int i = 0; i < count; i++) {
            files++;
            fixture.file(
                    "V%d__t.sql".formatted(files), "create table t%d (id int)".formatted(files));
        }
    }

    private String url(String database) {
        return wire.through(postgres.url(database));
    }
}
