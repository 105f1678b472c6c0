package dbmigrate.router;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The header Prefer as RFC 7240 describes it. */
class PreferenceTest {
    record Wanted(String header, int seconds) {}

    static Stream<Wanted> wanted() {
        return Stream.of(
                new Wanted("wait=5", 5),
                new Wanted("wait=0", 0),
                new Wanted("WAIT=5", 5),
                new Wanted("wait = 5", 5),
                new Wanted("\twait=5 ", 5),
                new Wanted("wait=\"5\"", 5),
                new Wanted("wait=\"\\5\"", 5),
                new Wanted("wait=005", 5),
                new Wanted("wait=5;foo=bar", 5),
                new Wanted("wait=5 ; foo ; bar=\"a;b,c\" ;", 5),
                new Wanted("respond-async, wait=5", 5),
                new Wanted("respond-async, , wait=5,", 5),
                new Wanted("return=minimal;foo=\"wait=9, wait=8\", wait=5", 5),
                new Wanted("foo=\"a\\\", wait=9\", wait=5", 5),
                new Wanted("wait=5, wait=9", 5),
                new Wanted("foo bar, wait=5", 5),
                new Wanted("wait=5 6, wait=7", 7),
                new Wanted("wait=999999999999999999999", 999_999_999));
    }

    @ParameterizedTest
    @MethodSource("wanted")
    void firstWaitThatIsWellFormedCounts(Wanted wanted) {
        assertEquals(OptionalInt.of(wanted.seconds()), Preference.secondsToWait(wanted.header()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "wait",
                "wait=",
                "wait=\"\"",
                "wait=five",
                "wait=-5",
                "wait=+5",
                "wait=5.5",
                "wait=5s",
                "wait=٥",
                "wait=five, wait=5",
                "wait=5;=x",
                "wait:5",
                "=5",
                "await=5",
                "foo;wait=5",
                "foo=\"wait=5",
                "foo=\"a\\",
                "wait=\"5",
            })
    void whatIsMalformedIsIgnored(String header) {
        assertEquals(OptionalInt.empty(), Preference.secondsToWait(header));
    }

    @Test
    void headerOfAnyLengthIsRead() {
        for (String part : new String[] {"\"", "a=\"b", "\\", ",", ";", " ", "\"\\\"\","}) {
            Preference.secondsToWait(part.repeat(100_000));
        }
        String long1 = "x=\"" + "y".repeat(100_000) + "\"";
        assertEquals(OptionalInt.of(5), Preference.secondsToWait(long1 + ", wait=5"));
    }
}
