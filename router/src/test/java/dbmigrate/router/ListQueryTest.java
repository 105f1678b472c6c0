package dbmigrate.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dbmigrate.process.ProcessList.Query;
import dbmigrate.process.ProcessState;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListQueryTest {
    private static final UUID ID = UUID.fromString("01a205df-1485-7058-b47e-447540aa3d3f");
    private static final Query ALL =
            new Query(Optional.empty(), Optional.empty(), 20, Optional.empty());

    @ParameterizedTest
    @ValueSource(strings = {"", "&", "&&"})
    void nothingAskedForIsTheNewestTwenty(String query) {
        assertEquals(ALL, ListQuery.read(query));
    }

    @Test
    void everyParameterIsRead() {
        assertEquals(
                new Query(
                        Optional.of(ProcessState.FAILED), Optional.of("app"), 100, Optional.of(ID)),
                ListQuery.read("state=FAILED&database=app&limit=100&cursor=" + Cursor.text(ID)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "My+%22App%22-1|My \"App\"-1",
                "a%2Bb|a+b",
                "%C3%A9|é",
                "%F0%9F%98%80|😀",
                "a=b|a=b",
                "%26%3D%25|&=%",
                "%41%2f|A/",
            })
    void valueIsDecodedOnce(String encoded, String name) {
        assertEquals(Optional.of(name), ListQuery.read("database=" + encoded).database());
        assertEquals(Optional.of(name), ListQuery.read("%64atabase=" + encoded).database());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "database=%",
                "database=%4",
                "database=%4g",
                "database=%-1",
                "database=%+1",
                "database=%٤١",
                "database=%C3",
                "database=%FF",
                "database=%C0%80",
                "database=%ED%A0%80",
                "database=é",
                "database=a b",
                "database=a%00\u0000",
                "%=1",
            })
    void queryThatIsNotEncodedIsMalformed(String query) {
        assertEquals("the query string is not percent-encoded UTF-8", refused(query));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "state=failed|the query parameter state must be one of QUEUED, RUNNING, COMPLETED, FAILED, CANCELED",
                "state|the query parameter state must be one of QUEUED, RUNNING, COMPLETED, FAILED, CANCELED",
                "database=|the query parameter database must be a database's name",
                "database=a%00|the query parameter database must be a database's name",
                "limit=0|the query parameter limit must be a number from 1 to 100",
                "limit=101|the query parameter limit must be a number from 1 to 100",
                "limit=01|the query parameter limit must be a number from 1 to 100",
                "limit=%2B1|the query parameter limit must be a number from 1 to 100",
                "limit=1e1|the query parameter limit must be a number from 1 to 100",
                "cursor=|the query parameter cursor must be the nextCursor of a list",
                "cursor=AaIF3xSFcFi0fkR1QKo9Pw%3D%3D|the query parameter cursor must be the nextCursor of a list",
                "cursor=AaIF3xSFcFi0fkR1QKo9Px|the query parameter cursor must be the nextCursor of a list",
                "cursor=01a205df-1485-7058-b47e-447540aa3d3f|the query parameter cursor must be the nextCursor of a list",
                "cursor=.*'|the query parameter cursor must be the nextCursor of a list",
                "State=FAILED|there is no query parameter State",
                "limit=1&limit=1|the query parameter limit is given twice",
            })
    void wrongParameterIsNamed(String query, String problem) {
        assertEquals(problem, refused(query));
    }

    @Test
    void everyWrongParameterIsNamedAtOnce() {
        assertEquals(
                "there is no query parameter x; the query parameter limit is given twice;"
                        + " there is no query parameter y;"
                        + " the query parameter cursor must be the nextCursor of a list",
                refused("x=1&limit=5&limit=6&cursor=no&y="));
    }

    @Test
    void longNamesAreNotToldWhole() {
        assertEquals(
                "there is no query parameter " + "x".repeat(100), refused("x".repeat(5000) + "=1"));
        assertEquals(
                "the query parameter database must be a database's name",
                refused("database=" + "x".repeat(64)));
    }

    private static String refused(String query) {
        Problem problem =
                assertThrows(ProblemException.class, () -> ListQuery.read(query)).problem();
        assertEquals(400, problem.status());
        assertEquals(ProblemCode.BAD_REQUEST, problem.code());
        return problem.detail();
    }
}
