package dbmigrate.worker;

import com.fasterxml.jackson.core.JsonGenerator;
import dbmigrate.json.Json;
import dbmigrate.warnings.Warning;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The entries of a report, as many as fit: Lambda's answers have 6 MB at most, and whoever polls
 * reads all of it. First those that somebody has to know are taken, in their order, then the usual
 * ones from the last to the first. How many are left out is said.
 */
record ReportEntries(List<Entry> entries, int longest) {
    /** Of one list, in bytes of UTF-8: some 4,000 migrations. */
    static final int LONGEST = 1024 * 1024;

    /**
     * One of them.
     *
     * @param json its object
     * @param usual whether it is the first to be left out
     */
    record Entry(String json, boolean usual) {}

    ReportEntries {
        entries = List.copyOf(entries);
    }

    ReportEntries(List<Entry> entries) {
        this(entries, LONGEST);
    }

    /** Warnings, of which none is usual. */
    static ReportEntries of(List<Warning> warnings, int longest) {
        return new ReportEntries(
                warnings.stream()
                        .map(warning -> new Entry(Json.write(warning::write), false))
                        .toList(),
                longest);
    }

    /** Writes an array under a name, in the entries' own order; returns how many are left out. */
    int write(JsonGenerator json, String name) throws IOException {
        BitSet kept = kept();
        json.writeArrayFieldStart(name);
        for (int i = 0; i < entries.size(); i++) {
            if (kept.get(i)) {
                json.writeRawValue(entries.get(i).json());
            }
        }
        json.writeEndArray();
        return entries.size() - kept.cardinality();
    }

    /** How many bytes of the room are used; all of it where an entry is left out. */
    int length() {
        int all = entries.stream().mapToInt(ReportEntries::length).sum();
        return Math.min(all, longest);
    }

    private static int length(Entry entry) {
        return entry.json().getBytes(StandardCharsets.UTF_8).length + 1;
    }

    private BitSet kept() {
        BitSet kept = new BitSet();
        int left = longest;
        int last = entries.size() - 1;
        IntStream order =
                IntStream.concat(
                        IntStream.rangeClosed(0, last).filter(i -> !entries.get(i).usual()),
                        IntStream.rangeClosed(0, last)
                                .map(i -> last - i)
                                .filter(i -> entries.get(i).usual()));
        for (int i : order.toArray()) {
            left -= length(entries.get(i));
            if (left < 0) {
                break;
            }
            kept.set(i);
        }
        return kept;
    }
}
