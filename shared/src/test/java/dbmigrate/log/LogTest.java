package dbmigrate.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.json.Json;
import dbmigrate.json.MalformedJsonException;
import dbmigrate.process.EndedProcess;
import dbmigrate.process.ProcessState;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LogTest {
    /** The units of the schema that AWS publishes with the format, as far as they have a name. */
    private static final Set<String> UNITS = Set.of("Count", "Milliseconds", "Seconds");

    private static final UUID ID = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");

    @Test
    void numbersAreNumbersAndTheRestIsText() throws MalformedJsonException {
        Map<?, ?> line =
                line(log ->
                        log.with("durationMs", 12L)
                                .with("attempt", 2)
                                .with("processId", ID)
                                .with("state", ProcessState.FAILED)
                                .info("said"));
        assertEquals(12, assertInstanceOf(Number.class, line.get("durationMs")).intValue());
        assertEquals(2, assertInstanceOf(Number.class, line.get("attempt")).intValue());
        assertEquals(ID.toString(), line.get("processId"));
        assertEquals("FAILED", line.get("state"));
        assertEquals("request-1", line.get("requestId"));
        assertEquals("INFO", line.get("level"));
        assertEquals("said", line.get("message"));
        Instant.parse((String) line.get("timestamp"));
    }

    @Test
    void laterValueOfAMemberTakesThePlaceOfTheEarlierOne() throws MalformedJsonException {
        assertEquals("b", line(log -> log.with("x", "a").with("x", "b").info("said")).get("x"));
    }

    @Test
    void linesOfLibrariesAreJsonAndBelongToTheRequestThatRuns() throws MalformedJsonException {
        Map<?, ?> line =
                line(log ->
                        LoggerFactory.getLogger("a.library.Class")
                                .warn("a {} of {}", "warning", "its own"));
        assertEquals("WARN", line.get("level"));
        assertEquals("a warning of its own", line.get("message"));
        assertEquals("a.library.Class", line.get("logger"));
        assertEquals("request-1", line.get("requestId"));
    }

    @Test
    void metricsOfAProcessFollowTheEmbeddedMetricFormat() throws MalformedJsonException {
        EndedProcess ended =
                new EndedProcess(
                        ID,
                        ProcessState.COMPLETED,
                        Duration.ofMillis(5_000),
                        Optional.of(Duration.ofMillis(2_000)),
                        Optional.of(Duration.ofMillis(3_000)),
                        1,
                        7);
        Map<?, ?> line = line(log -> log.with("processId", ID).metrics(ended.metrics("a-stack")));
        assertIsEmbeddedMetrics(line);
        assertEquals("a-stack", line.get("Stack"));
        assertEquals("COMPLETED", line.get("Result"));
        assertEquals(1, line.get("Processes"));
        assertEquals(5_000, line.get("ProcessDuration"));
        assertEquals(3_000, line.get("RunDuration"));
        assertEquals(2_000, line.get("QueueDelay"));
        assertEquals(1, line.get("Retries"));
        assertEquals(7, line.get("MigrationsApplied"));
        assertEquals(ID.toString(), line.get("processId"));
        assertEquals("request-1", line.get("requestId"));
    }

    @Test
    void processThatNeverBeganHasNeitherDelayNorRun() throws MalformedJsonException {
        EndedProcess ended =
                new EndedProcess(
                        ID,
                        ProcessState.CANCELED,
                        Duration.ofMillis(5),
                        Optional.empty(),
                        Optional.empty(),
                        0,
                        0);
        Map<?, ?> line = line(log -> log.metrics(ended.metrics("a-stack")));
        assertIsEmbeddedMetrics(line);
        assertFalse(line.containsKey("QueueDelay"));
        assertFalse(line.containsKey("RunDuration"));
    }

    @Test
    void dimensionWithoutAValueIsRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        new Metrics(
                                Map.of("Stack", "a"),
                                List.of(new Metrics.Directive(List.of("Other"), List.of()))));
    }

    /** What AWS's specification of the format demands, and its published schema. */
    private static void assertIsEmbeddedMetrics(Map<?, ?> line) {
        Map<?, ?> metadata = assertInstanceOf(Map.class, line.get("_aws"));
        assertEquals(Set.of("Timestamp", "CloudWatchMetrics"), metadata.keySet());
        assertInstanceOf(Long.class, metadata.get("Timestamp"), "milliseconds, a whole number");
        Set<String> seen = new HashSet<>();
        for (Object each : assertInstanceOf(List.class, metadata.get("CloudWatchMetrics"))) {
            Map<?, ?> directive = assertInstanceOf(Map.class, each);
            assertEquals(Set.of("Namespace", "Dimensions", "Metrics"), directive.keySet());
            assertName(assertInstanceOf(String.class, directive.get("Namespace")));
            List<?> sets = assertInstanceOf(List.class, directive.get("Dimensions"));
            assertFalse(sets.isEmpty());
            for (Object set : sets) {
                List<?> names = assertInstanceOf(List.class, set);
                assertTrue(names.size() <= 9);
                for (Object name : names) {
                    assertName((String) name);
                    assertInstanceOf(String.class, line.get(name), "a dimension is text");
                    assertTrue(Set.of("Stack", "Result").contains(name), "no id is a dimension");
                }
            }
            List<?> metrics = assertInstanceOf(List.class, directive.get("Metrics"));
            assertTrue(metrics.size() <= 100);
            for (Object one : metrics) {
                Map<?, ?> metric = assertInstanceOf(Map.class, one);
                String name = assertInstanceOf(String.class, metric.get("Name"));
                assertName(name);
                assertTrue(UNITS.contains(metric.get("Unit")));
                assertInstanceOf(Number.class, line.get(name), "a metric is a number");
                assertTrue(seen.add(name), "a metric stands once");
            }
        }
    }

    private static void assertName(String name) {
        assertTrue(!name.isEmpty() && name.length() <= 255);
    }

    private static Map<?, ?> line(Consumer<Log> writing) throws MalformedJsonException {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            writing.accept(Log.ofRequest("request-1"));
        } finally {
            System.setOut(before);
        }
        String text = printed.toString(StandardCharsets.UTF_8);
        assertTrue(text.endsWith("\n") && text.indexOf('\n') == text.length() - 1, text);
        return assertInstanceOf(Map.class, Json.read(text.strip()));
    }
}
