package dbmigrate.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dbmigrate.process.Activity.Amount;
import dbmigrate.process.Activity.Blocker;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ActivityTest {
    @Test
    void everyMemberIsThereAndNullWhereNothingIsKnown() {
        assertEquals(
                "{\"statement\":null,\"statementStartedAt\":null,\"phase\":null,\"percent\":null,"
                        + "\"rows\":null,\"bytes\":null,\"waitingFor\":null}",
                Activity.NONE.toJson());
        assertEquals(Activity.NONE, Activity.parse(Activity.NONE.toJson()));
    }

    @Test
    void percentageIsRoundedDownAndNeverPastTheWhole() {
        assertEquals(Optional.of(99), new Amount(999, Optional.of(1000L)).percent());
        assertEquals(Optional.of(100), new Amount(1000, Optional.of(1000L)).percent());
        assertEquals(Optional.of(100), new Amount(2000, Optional.of(1000L)).percent());
        assertEquals(Optional.of(43), new Amount(43L << 40, Optional.of(100L << 40)).percent());
        assertEquals(Optional.empty(), new Amount(5, Optional.empty()).percent());
        assertEquals(Optional.empty(), new Amount(0, Optional.of(0L)).percent());
    }

    @Test
    void wrongActivityCannotBeMade() {
        assertThrows(IllegalArgumentException.class, () -> activity("x", 101));
        assertThrows(IllegalArgumentException.class, () -> activity("x", -1));
        assertThrows(IllegalArgumentException.class, () -> activity("x".repeat(201), 1));
        assertEquals(400, activity("😀".repeat(200), 1).statement().orElseThrow().length());
        assertThrows(IllegalArgumentException.class, () -> new Amount(-1, Optional.empty()));
        assertThrows(IllegalArgumentException.class, () -> new Amount(1, Optional.of(-1L)));
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        new Blocker(
                                1,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of("x".repeat(201))));
    }

    private static Activity activity(String statement, int percent) {
        return new Activity(
                Optional.of(statement),
                Optional.empty(),
                Optional.empty(),
                Optional.of(percent),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
