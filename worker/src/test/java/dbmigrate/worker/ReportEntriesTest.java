package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dbmigrate.json.Json;
import dbmigrate.worker.ReportEntries.Entry;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReportEntriesTest {
    @Test
    void whatFitsIsWrittenInItsOrder() {
        assertEquals(
                "{\"list\":[1,2,3],\"omitted\":0}",
                written(List.of(usual("1"), new Entry("2", false), usual("3")), 6));
    }

    @Test
    void usualOnesAreLeftOutFirstAndTheOldestBeforeTheNewest() {
        assertEquals(
                "{\"list\":[2,4],\"omitted\":2}",
                written(List.of(usual("1"), new Entry("2", false), usual("3"), usual("4")), 5));
    }

    @Test
    void whatSomebodyHasToKnowIsTakenFromTheFirstOn() {
        List<Entry> entries =
                IntStream.range(0, 10).mapToObj(i -> new Entry("" + i, false)).toList();
        assertEquals("{\"list\":[0,1,2],\"omitted\":7}", written(entries, 7));
    }

    @Test
    void bytesAreCountedAndNotCharacters() {
        assertEquals("{\"list\":[],\"omitted\":1}", written(List.of(usual("\"äöü\"")), 8));
        assertEquals("{\"list\":[\"äöü\"],\"omitted\":0}", written(List.of(usual("\"äöü\"")), 9));
    }

    @Test
    void emptyListIsOne() {
        assertEquals("{\"list\":[],\"omitted\":0}", written(List.of(), 1));
    }

    private static Entry usual(String json) {
        return new Entry(json, true);
    }

    private static String written(List<Entry> entries, int longest) {
        return Json.write(json -> {
            json.writeStartObject();
            int omitted = new ReportEntries(entries, longest).write(json, "list");
            json.writeNumberField("omitted", omitted);
            json.writeEndObject();
        });
    }
}
