package dbmigrate.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dbmigrate.process.Command;
import dbmigrate.process.MigrationRequest;
import dbmigrate.settings.AllowedDatabases;
import java.util.List;
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

    @Test
    void everyMemberOfABaselineIsRead() {
        assertEquals(
                new MigrationRequest(
                        Command.BASELINE,
                        "reports",
                        Optional.empty(),
                        false,
                        Map.of("env", "test"),
                        Optional.of("2_1"),
                        Optional.of("from the old system"),
                        Optional.of("ci")),
                read(
                        """
                        {"command": "baseline", "database": "reports", "target": null,
                         "baselineVersion": "2_1", "baselineDescription": "from the old system",
                         "placeholders": {"env": "test"}, "requestedBy": "ci"}
                        """));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"command\": \"info\", \"target\": \"2\", \"outOfOrder\": true}|INFO",
                "{\"command\": \"validate\", \"target\": \"next\"}|VALIDATE",
                "{\"command\": \"repair\", \"baselineVersion\": null}|REPAIR",
                "{\"command\": \"baseline\"}|BASELINE",
                "{\"command\": \"rehearse\", \"target\": \"next\", \"outOfOrder\": true}|REHEARSE",
                "{\"command\": \"rehearse\", \"on\": null}|REHEARSE",
                "{\"command\": \"rehearse\", \"on\": \"target\"}|REHEARSE",
                "{\"command\": \"rehearse\", \"on\": \"copy\"}|REHEARSE_COPY",
                "{\"command\": \"rehearse\", \"on\": \"copy\", \"statistics\": false}|REHEARSE_COPY",
                "{\"command\": \"rehearse\", \"on\": \"copy\", \"statistics\": true}|REHEARSE_COPY_STATISTICS",
                "{\"command\": \"rehearse\", \"statistics\": false}|REHEARSE",
            })
    void everyCommandIsKnown(String body, Command command) {
        assertEquals(command, read(body).command());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"command\": \"rehearse-copy\"}|/command",
                "{\"command\": \"rehearse-copy-statistics\"}|/command",
                "{\"command\": \"rehearse\", \"statistics\": true}|/statistics",
                "{\"command\": \"rehearse\", \"on\": \"copy\", \"statistics\": \"yes\"}|/statistics",
                "{\"command\": \"info\", \"statistics\": true}|/statistics",
                "{\"command\": \"rehearse\", \"on\": \"production\"}|/on",
                "{\"command\": \"rehearse\", \"on\": true}|/on",
                "{\"on\": \"copy\"}|/on",
                "{\"command\": \"info\", \"on\": \"target\"}|/on",
                "{\"command\": \"rehearse\", \"baselineVersion\": \"1\"}|/baselineVersion",
                "{\"command\": \"unknown\", \"baselineVersion\": \"1\"}|/command",
                "{\"command\": \"INFO\"}|/command",
                "{\"baselineVersion\": \"1\"}|/baselineVersion",
                "{\"command\": \"repair\", \"target\": \"1\"}|/target",
                "{\"command\": \"baseline\", \"outOfOrder\": false}|/outOfOrder",
                "{\"command\": \"info\", \"baselineDescription\": \"x\"}|/baselineDescription",
                "{\"command\": \"baseline\", \"baselineVersion\": \"next\"}|/baselineVersion",
                "{\"command\": \"baseline\", \"baselineDescription\": \"\"}|/baselineDescription",
            })
    void whatDoesNotGoWithTheCommandIsRefusedWithItsPointer(String body, String pointer) {
        Problem problem = assertThrows(ProblemException.class, () -> read(body)).problem();
        assertEquals(422, problem.status());
        assertEquals(
                List.of(pointer), problem.errors().stream().map(Problem.Invalid::pointer).toList());
    }

    @Test
    void baselineFitsIntoTheColumnsOfTheHistory() {
        String body =
                "{\"command\": \"baseline\", \"baselineVersion\": \"%s\", \"baselineDescription\": \"%s\"}";
        assertEquals(
                Command.BASELINE, read(body.formatted("1".repeat(50), "ä".repeat(200))).command());
        Problem problem =
                assertThrows(
                                ProblemException.class,
                                () -> read(body.formatted("1".repeat(51), "ä".repeat(201))))
                        .problem();
        assertEquals(2, problem.errors().size());
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
