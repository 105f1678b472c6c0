package dbmigrate.warnings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WarningTest {
    private static final Optional<String> A_CACHE = Optional.of("it is a cache");

    @Test
    void amongMoreThanAThousandTheOneThatNobodyAcceptsIsWrittenInItsPlace()
            throws MalformedJsonException {
        List<Warning> warnings = accepted(1200);
        warnings.add(1100, warning(7001, Optional.empty()));
        List<Integer> written = lines(Warning.json(warnings));
        assertEquals(1000, written.size());
        assertEquals(List.of(999, 7001), written.subList(998, 1000));
    }

    @Test
    void ofMoreThanAThousandThatNobodyAcceptsTheFirstAreWritten() throws MalformedJsonException {
        List<Warning> warnings = accepted(1);
        IntStream.rangeClosed(2, 1200)
                .forEach(line -> warnings.add(warning(line, Optional.empty())));
        List<Integer> written = lines(Warning.json(warnings));
        assertEquals(IntStream.rangeClosed(2, 1001).boxed().toList(), written);
    }

    private static List<Warning> accepted(int count) {
        List<Warning> warnings = new ArrayList<>();
        IntStream.rangeClosed(1, count).forEach(line -> warnings.add(warning(line, A_CACHE)));
        return warnings;
    }

    private static Warning warning(int line, Optional<String> accepted) {
        return new Warning(
                Rule.TRUNCATE,
                "V2__b.sql",
                line,
                Optional.empty(),
                Optional.empty(),
                "truncate a",
                accepted);
    }

    private static List<Integer> lines(String json) throws MalformedJsonException {
        return JsonObject.of(Json.read("{\"all\":" + json + "}")).objects("all").stream()
                .map(one -> one.integer("line").orElseThrow())
                .toList();
    }
}
