package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.log.Log;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RunningTimeTest {
    @Test
    void processOfLessThanAMinuteHasNone() throws Exception {
        assertEquals(List.of(), written(0, 1, 30, 59));
    }

    @Test
    void itIsWrittenOnceAMinute() throws Exception {
        int[] beats = IntStream.rangeClosed(1, 200).toArray();
        assertEquals(List.of(60L, 120L, 180L), written(beats));
    }

    @Test
    void attemptAtAnOlderProcessWritesItAtItsFirstBeat() throws Exception {
        assertEquals(List.of(7_200L, 7_260L), written(7_200, 7_201, 7_259, 7_260));
    }

    @Test
    void itIsAMetricInSecondsOfTheStackAlone() throws Exception {
        JsonObject line = lines(90).getFirst();
        assertEquals("a-stack", line.string("Stack").orElseThrow());
        assertEquals("a-process", line.string("processId").orElseThrow());
        JsonObject directive = line.object("_aws").objects("CloudWatchMetrics").getFirst();
        assertEquals("db-migrate", directive.string("Namespace").orElseThrow());
        assertEquals(List.of(List.of("Stack")), directive.members().get("Dimensions"));
        assertEquals(
                Map.of("Name", "RunningTime", "Unit", "Seconds"),
                directive.objects("Metrics").getFirst().strings());
    }

    private static List<Long> written(int... seconds) throws Exception {
        return lines(seconds).stream()
                .map(line -> line.number("RunningTime").orElseThrow())
                .toList();
    }

    /** The lines that one attempt writes when the process has run so long at its beats. */
    private static List<JsonObject> lines(int... seconds) throws Exception {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            RunningTime time =
                    new RunningTime("a-stack", new Log(Map.of("processId", "a-process")));
            for (int second : seconds) {
                time.is(Duration.ofSeconds(second));
            }
        } finally {
            System.setOut(before);
        }
        List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
        return Json.read("[" + String.join(",", lines) + "]") instanceof List<?> read
                ? read.stream().map(JsonObject::of).toList()
                : List.of();
    }
}
