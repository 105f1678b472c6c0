package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class SampleTest {
    private static Sample of(Double... values) {
        return new Sample(List.of(values));
    }

    @Test
    void medianOfAnOddNumberIsTheOneInTheMiddle() {
        assertEquals(3, of(9.0, 1.0, 3.0).median());
    }

    @Test
    void medianOfAnEvenNumberIsHalfwayBetweenTheTwo() {
        assertEquals(2.5, of(4.0, 1.0, 3.0, 2.0).median());
    }

    @Test
    void quartilesOfSevenRounds() {
        assertEquals("4.00 (2.50–5.50)", of(7.0, 1.0, 6.0, 2.0, 5.0, 3.0, 4.0).shown());
    }

    @Test
    void oneRoundIsItsOwnSpread() {
        assertEquals("12.0 (12.0–12.0)", of(12.0).shown());
    }

    /** The relation of the medians would be 1.5. */
    @Test
    void relationIsTakenInEachRoundAndNotOfTheMedians() {
        assertEquals(2, of(2.0, 30.0, 8.0).against(of(1.0, 20.0, 4.0)).median());
        assertEquals(
                List.of(2.0, 1.5, 2.0), of(2.0, 30.0, 8.0).against(of(1.0, 20.0, 4.0)).values());
    }

    @Test
    void figuresOfDifferentRoundsAreNotCompared() {
        assertThrows(IllegalArgumentException.class, () -> of(1.0).against(of(1.0, 2.0)));
        assertThrows(IllegalArgumentException.class, SampleTest::of);
    }
}
