package dbmigrate.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.process.Command;
import dbmigrate.process.Grants;
import dbmigrate.process.Identity;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PermissionsTest {
    private static final String ROLE = "arn:aws:sts::123456789012:assumed-role/deploy";
    private static final Identity SESSION = new Identity(ROLE + "/ci-1", ROLE);

    private static final String REHEARSALS = " rehearse rehearse-copy rehearse-copy-statistics";

    @Test
    void whereNothingIsSaidEverybodyMayDoWhatRewritesNoHistory() {
        Grants grants = Permissions.least().of(SESSION);
        assertEquals("migrate info validate" + REHEARSALS, commands(grants, "app"));
        assertTrue(grants.mayRead("any;thing, at all"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    key:ci: migrate                          | app      | migrate
                    key:ci: migrate on app                   | app      | migrate
                    key:ci: migrate on app                   | other    | ''
                    key:ci: migrate, info on app,tenant_?    | tenant_a | migrate info
                    key:ci: migrate, info on app,tenant_?    | tenant_ab| ''
                    key:ci: * on *                           | app      | migrate info validate rehearse rehearse-copy rehearse-copy-statistics
                    key:ci: *, repair                        | app      | migrate info validate repair rehearse rehearse-copy rehearse-copy-statistics
                    key:ci: repair,baseline on app           | app      | repair baseline
                    key:ci: read                             | app      | ''
                    key:*: info; key:ci: migrate on app;     | app      | migrate info
                    key:*: info; key:ci: migrate on app;     | other    | info
                    key:c: *; key:ci2: *; key:CI: *; ci: *   | app      | ''
                    ?????i:   migrate   on   on              | on       | migrate
                    key:ci: migrate on APP                   | app      | ''
                    """)
    void identityMayDoWhatItsRulesSayAndNothingElse(
            String rules, String database, String commands) {
        Grants grants = Permissions.parse(rules).of(Identity.of("key:ci"));
        assertEquals(commands, commands(grants, database));
    }

    @Test
    void ruleOverSeveralLinesIsReadAsOnOne() {
        Permissions rules =
                Permissions.parse("\n key:ci:\n  migrate\n  on app,\n  b;\n key:x: info\n");
        assertEquals("migrate", commands(rules.of(Identity.of("key:ci")), "b"));
        assertEquals("info", commands(rules.of(Identity.of("key:x")), "b"));
    }

    /** A semicolon at the end of a line is soon forgotten. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a: migrate on b\nc: *",
                "a: migrate on b\r\nc: *",
                "a: migrate on b\nc:*",
                "a: migrate on b:\tc",
                "a: migrate on b\u2028c",
            })
    void lineBreakInADatabaseIsASemicolonForgotten(String rules) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> Permissions.parse(rules))
                        .toString();
        assertTrue(message.contains("rule 1 has a database, its number 1, in which"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a:b", "a::b:", ":a", "a? b"})
    void databaseMayHaveABlankOrAColon(String name) {
        Grants grants = Permissions.parse("x: migrate on " + name).of(Identity.of("x"));
        assertTrue(grants.allow(Command.MIGRATE.text(), name));
    }

    @ParameterizedTest
    @CsvSource({
        "arn:aws:sts::123456789012:assumed-role/deploy, true",
        "arn:aws:sts::123456789012:assumed-role/deploy/*, true",
        "arn:aws:sts::123456789012:assumed-role/deploy/ci-1, true",
        "arn:aws:sts::*:assumed-role/deploy, true",
        "arn:aws:sts::123456789012:assumed-role/deploy/ci-2, false",
        "arn:aws:sts::123456789012:assumed-role/deplo, false",
        "arn:aws:sts::123456789012:assumed-role/dep?oy, true",
        "arn:aws:sts::210987654321:assumed-role/deploy, false",
        "arn:aws:iam::123456789012:role/deploy, false",
    })
    void roleStandsForAllItsSessions(String rule, boolean allowed) {
        assertEquals(!allowed, Permissions.parse(rule + ": migrate").of(SESSION).isEmpty());
    }

    @Test
    void readingGoesWithEveryRuleOfTheDatabase() {
        Grants grants = Permissions.parse("a: read on one; a: migrate on two").of(Identity.of("a"));
        assertTrue(grants.mayRead("one"));
        assertTrue(grants.mayRead("two"));
        assertFalse(grants.mayRead("three"));
        assertFalse(grants.isEmpty());
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.MATCH_NONE,
            names = {"UNKNOWN", "REHEARSE.*"})
    void eachCommandCanBeAllowedByName(Command command) {
        Grants grants = Permissions.parse("a: " + command.text()).of(Identity.of("a"));
        assertEquals(command.text(), commands(grants, "app"));
    }

    @Test
    void whoMayRehearseMayDoSoOnACopy() {
        Grants grants = Permissions.parse("a: rehearse").of(Identity.of("a"));
        assertEquals(REHEARSALS.strip(), commands(grants, "app"));
        assertThrows(IllegalArgumentException.class, () -> Permissions.parse("a: rehearse-copy"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ;                           | holds no rule
                    nobody                      | rule 1 must be
                    key:ci migrate              | rule 1 must be
                    key:ci:migrate              | rule 1 must be
                    a b: migrate                | rule 1 must be
                    a:                          | rule 1 must be
                    a: migrate; ; b: info       | rule 2 must be
                    a: migrate; b: info,drop    | rule 2 has a command, its number 2,
                    a: Migrate                  | rule 1 has a command, its number 1,
                    a: migrate,                 | rule 1 has an empty command, its number 2
                    a: migrate on               | rule 1 has a command, its number 1,
                    a: migrate on b,,c          | rule 1 has an empty database, its number 2
                    a: x; b: y                  | rule 2 has a command
                    a: migrate on b drop: *     | rule 1 has a database, its number 1, in which another rule begins
                    a: migrate on b, drop: *    | rule 1 has a database, its number 2, in which another rule begins
                    a: read; a: info on b,c x: read on d | rule 2 has a database, its number 2, in which another
                    a: unknown                  | rule 1 has a command, its number 1,
                    """)
    void wrongRuleIsNamedByItsPositionAndNotShown(String rules, String problem) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> Permissions.parse(rules))
                        .toString();
        assertTrue(message.contains(problem), message);
        assertFalse(message.contains("drop") || message.contains("nobody"), message);
    }

    private static String commands(Grants grants, String database) {
        return Arrays.stream(Command.values())
                .map(Command::text)
                .filter(command -> grants.allow(command, database))
                .collect(Collectors.joining(" "));
    }
}
