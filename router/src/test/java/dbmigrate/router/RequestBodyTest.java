package dbmigrate.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dbmigrate.process.MigrationRequest;
import dbmigrate.settings.AllowedDatabases;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestBodyTest {
    private final AllowedDatabases databases =
            new AllowedDatabases("app", "postgres", Set.of("reports"), false);

    @ParameterizedTest
    @ValueSource(
            strings = {"", "  ", "{}", "{\"command\": \"migrate\"}", "{\"target\": \"latest\"}"})
    void saysTheSameWithLessWords(String body) {
        assertEquals(
                new MigrationRequest("app", Optional.empty(), false, Map.of(), Optional.empty()),
                read(body));
    }

    @Test
    void everyMemberIsRead() {
        assertEquals(
                new MigrationRequest(
                        "reports",
                        Optional.of("2.1"),
                        true,
                        Map.of("env", "test"),
                        Optional.of("ci")),
                read(
                        """
                        {"command": "migrate", "database": "reports", "target": "2.1",
                         "outOfOrder": true, "placeholders": {"env": "test"}, "requestedBy": "ci"}
                        """));
    }

    @Test
    void everyWrongMemberIsListedWithItsPointer() {
        String body =
                """
                {"command": "drop", "database": 1, "target": "x", "outOfOrder": "yes",
                 "placeholders": {"a/b~": "';", "env": 1}, "requestedBy": "\\u0000", "more": null}
                """;
        Problem problem = assertThrows(ProblemException.class, () -> read(body)).problem();
        assertEquals(422, problem.status());
        assertEquals(
                Set.of(
                        "/command",
                        "/database",
                        "/target",
                        "/outOfOrder",
                        "/placeholders/a~1b~0",
                        "/placeholders/env",
                        "/requestedBy",
                        "/more"),
                problem.errors().stream()
                        .map(Problem.Invalid::pointer)
                        .collect(Collectors.toSet()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"database\": \"template1\"}|DATABASE_NOT_ALLOWED",
                "{\"database\": \"other\"}|DATABASE_NOT_ALLOWED",
                "{\"placeholders\": {\"role\": \"x\"}}|PLACEHOLDER_NOT_ALLOWED",
            })
    void whatTheCallerMayNotDoIsForbidden(String body, String code) {
        Problem problem = assertThrows(ProblemException.class, () -> read(body)).problem();
        assertEquals(403, problem.status());
        assertEquals(code, problem.code().name());
    }

    private MigrationRequest read(String body) {
        return RequestBody.read(body, databases, Set.of("env"));
    }
}
