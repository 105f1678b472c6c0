package dbmigrate.worker;

import static dbmigrate.worker.RehearsedMigration.State.FAILED;
import static dbmigrate.worker.RehearsedMigration.State.NOT_REACHED;
import static dbmigrate.worker.RehearsedMigration.State.RAN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import dbmigrate.worker.RehearsedMigration.State;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.flywaydb.core.api.MigrationInfo;
import org.junit.jupiter.api.Test;

class RehearsalReportTest {
    /** More than a report has room for. */
    private static final int MANY = 3000;

    @Test
    void ofALongReportTheLastMigrationThatFailedStaysAndTheOldestThatRanAreLeftOut()
            throws MalformedJsonException {
        List<State> states = new ArrayList<>(Collections.nCopies(MANY, RAN));
        states.add(FAILED);
        JsonObject report = report(states);
        List<String> scripts = scripts(report);
        assertTrue(scripts.size() < MANY, scripts::toString);
        assertEquals("V%d__it.sql failed".formatted(MANY + 1), scripts.getLast());
        assertEquals("V%d__it.sql ran".formatted(MANY + 2 - scripts.size()), scripts.getFirst());
        assertEquals(Optional.of(MANY + 1 - scripts.size()), report.integer("omitted"));
    }

    @Test
    void whatFailedStaysBeforeThoseThatAreNotReached() throws MalformedJsonException {
        List<State> states = new ArrayList<>(List.of(RAN, FAILED));
        states.addAll(Collections.nCopies(MANY, NOT_REACHED));
        List<String> scripts = scripts(report(states));
        assertTrue(scripts.size() < MANY, scripts::toString);
        assertEquals(List.of("V2__it.sql failed", "V3__it.sql notReached"), scripts.subList(0, 2));
    }

    private static JsonObject report(List<State> states) throws MalformedJsonException {
        List<RehearsedMigration> migrations = new ArrayList<>();
        for (State state : states) {
            migrations.add(
                    new RehearsedMigration(
                            migration("V%d__it.sql".formatted(migrations.size() + 1)),
                            state,
                            true,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty()));
        }
        RehearsalReport report =
                new RehearsalReport(
                        true,
                        true,
                        Optional.empty(),
                        Duration.ZERO,
                        List.of(),
                        migrations,
                        List.of());
        return JsonObject.of(Json.read(report.json()));
    }

    /** Of which nothing is known but its script. */
    private static MigrationInfo migration(String script) {
        return (MigrationInfo)
                Proxy.newProxyInstance(
                        MigrationInfo.class.getClassLoader(),
                        new Class<?>[] {MigrationInfo.class},
                        (_, method, _) -> method.getName().equals("getScript") ? script : null);
    }

    private static List<String> scripts(JsonObject report) {
        return report.objects("rehearsed").stream()
                .map(one ->
                        one.string("script").orElseThrow()
                                + " "
                                + one.string("state").orElseThrow())
                .toList();
    }
}
