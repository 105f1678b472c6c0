package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BoundsTest {
    private static List<String> faults(Map<String, Long> figures, String... bounds) {
        return RepeatableFigures.beyond(new LinkedHashMap<>(figures), List.of(bounds));
    }

    @Test
    void figureAtItsBoundIsWithinIt() {
        assertEquals(List.of(), faults(Map.of("trips POST", 2L), "# words", "", "trips POST 2"));
    }

    @Test
    void figureBeyondItsBoundIsNamedWithIt() {
        assertEquals(
                List.of("trips POST: 3, of at most 2"),
                faults(Map.of("trips POST", 3L), "trips POST 2"));
    }

    @Test
    void boundWithoutAFigureAndFigureWithoutABoundAreFaults() {
        assertEquals(
                List.of("trips GET: at most 1, and not measured", "trips POST: 2, without a bound"),
                faults(Map.of("trips POST", 2L), "trips GET 1"));
    }

    @Test
    void bytesOfPackagesAreJudgedElsewhere() {
        assertEquals(List.of(), faults(Map.of(), "bytes router/target/router.zip 7890000"));
    }
}
