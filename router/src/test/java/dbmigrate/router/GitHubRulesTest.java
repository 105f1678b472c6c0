package dbmigrate.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.process.Identity;
import dbmigrate.settings.Environment;
import dbmigrate.settings.InvalidEnvironmentException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Claims are those of GitHub's documentation of its tokens, with values of our own. */
class GitHubRulesTest {
    private static final Map<String, String> ENVIRONMENT =
            Map.of(
                    "GITHUB_REPOSITORY_IDS", "42, 7001",
                    "GITHUB_REFS", "refs/heads/main,refs/tags/v*",
                    "GITHUB_ENVIRONMENTS", "");
    private static final Map<String, String> CLAIMS =
            Map.of(
                    "iss", GitHubRules.ISSUER,
                    "sub", "repo:example/app:ref:refs/heads/main",
                    "repository", "example/app",
                    "repository_id", "42",
                    "ref", "refs/heads/main",
                    "event_name", "push");

    @ParameterizedTest
    @CsvSource({
        "repository_id, 42, repo:42:ref:refs/heads/main",
        "repository_id, 7001, repo:7001:ref:refs/heads/main",
        "ref, refs/tags/v1.2, repo:42:ref:refs/tags/v1.2",
        "environment, production, repo:42:ref:refs/heads/main:environment:production",
        "sub, something:else, repo:42:ref:refs/heads/main",
        "repository, renamed/app, repo:42:ref:refs/heads/main",
        "event_name, workflow_dispatch, repo:42:ref:refs/heads/main",
        "event_name, workflow_run, repo:42:ref:refs/heads/main",
        "event_name, issue_comment, repo:42:ref:refs/heads/main",
    })
    void identityIsOfTheClaimsThatAWorkflowCannotChoose(
            String claim, String value, String identity) {
        assertEquals(identity, rules(Map.of()).identity(with(claim, value)).text());
    }

    @ParameterizedTest
    @CsvSource({
        "iss, https://token.example.com, iss",
        "iss, https://token.actions.githubusercontent.com/, iss",
        "iss, , iss",
        "repository_id, 43, repository_id",
        "repository_id, 4, repository_id",
        "repository_id, 042, repository_id",
        "repository_id, [42], repository_id",
        "repository_id, , repository_id",
        "event_name, pull_request_target, event_name",
        "event_name, , event_name",
        "event_name, '', event_name",
        "ref, refs/heads/mainline, ref",
        "ref, refs/heads/Main, ref",
        "ref, main, ref",
        "ref, refs/pull/7/merge, ref",
        "ref, refs/tags/1.0, ref",
        "ref, x/refs/tags/v1, ref",
        "ref, , ref",
    })
    void othersAreTurnedAwayAndToldTheirOwnClaimAlone(String claim, String value, String named) {
        Problem problem = refusal(rules(Map.of()), with(claim, value));
        assertEquals(403, problem.status());
        assertEquals(ProblemCode.IDENTITY_NOT_ALLOWED, problem.code());
        assertTrue(problem.detail().contains(named), problem::detail);
        assertFalse(problem.detail().contains("7001"), problem::detail);
        assertFalse(problem.detail().contains("refs/tags/v*"), problem::detail);
    }

    @ParameterizedTest
    @CsvSource({"production, true", "Production, false", "staging, false", "'', false"})
    void environmentIsOneOfThoseThatAreGiven(String environment, boolean comesIn) {
        GitHubRules rules = rules(Map.of("GITHUB_ENVIRONMENTS", "production,other"));
        Map<String, String> claims = with("environment", environment);
        if (comesIn) {
            assertTrue(rules.identity(claims).text().endsWith(":environment:production"));
        } else {
            assertTrue(refusal(rules, claims).detail().contains("environment"));
        }
    }

    /** Else a slip of the one who names them would let all of them in, and none. */
    @ParameterizedTest
    @ValueSource(strings = {",", " , ", " ", "\t", ",,", "\n"})
    void environmentsThatAreGivenAndNameNothingAreRefused(String text) {
        Map<String, String> variables = new HashMap<>(ENVIRONMENT);
        variables.put("GITHUB_ENVIRONMENTS", text);
        Environment environment = new Environment(variables);
        assertTrue(GitHubRules.read(environment).isEmpty());
        String refusal =
                assertThrows(InvalidEnvironmentException.class, environment::verify).toString();
        assertTrue(refusal.contains("GITHUB_ENVIRONMENTS: is set and names no"), refusal);
    }

    /** Anybody can push what a pull request points to. */
    @ParameterizedTest
    @CsvSource({"refs/*, false", "refs/p*, false", "refs/pull/*, true", "refs/pull/7/merge, true"})
    void refOfAPullRequestIsAllowedByAPatternOfSuchAlone(String pattern, boolean comesIn) {
        GitHubRules rules = rules(Map.of("GITHUB_REFS", pattern));
        Map<String, String> claims = with("ref", "refs/pull/7/merge");
        if (comesIn) {
            assertEquals("repo:42:ref:refs/pull/7/merge", rules.identity(claims).text());
        } else {
            assertTrue(refusal(rules, claims).detail().contains("ref"));
        }
    }

    /** A workflow makes an environment by naming it, without anybody's leave. */
    @Test
    void environmentCannotBeTakenForAnother() {
        String identity =
                rules(Map.of())
                        .identity(with("environment", "x y;*:environment:production"))
                        .text();
        assertEquals(
                "repo:42:ref:refs/heads/main:environment:x%20y%3B%2A%3Aenvironment%3Aproduction",
                identity);
        assertTrue(
                Permissions.parse("repo:42:ref:*:environment:production: migrate")
                        .of(Identity.of(identity))
                        .isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "Prod (EU), Prod%20(EU)",
        "Zürich, Z%C3%BCrich",
        "50%, 50%25",
        "a;b*c?d, a%3Bb%2Ac%3Fd",
    })
    void environmentIsToldInAscii(String environment, String told) {
        assertEquals(
                "repo:42:ref:refs/heads/main:environment:" + told,
                rules(Map.of()).identity(with("environment", environment)).text());
    }

    @Test
    void controlCharactersAreEncoded() {
        assertEquals(
                "repo:42:ref:refs/heads/main:environment:a%09%7F%0Ab",
                rules(Map.of()).identity(with("environment", "a\t\u007f\nb")).text());
    }

    @Test
    void issuerOfAnEnterpriseIsTheOnlyOneThen() {
        String issuer = "https://token.actions.githubusercontent.com/example";
        GitHubRules rules = rules(Map.of("GITHUB_ISSUER", issuer));
        assertEquals("repo:42:ref:refs/heads/main", rules.identity(with("iss", issuer)).text());
        assertTrue(refusal(rules, CLAIMS).detail().contains("iss"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    ''        ; refs/heads/main ; GITHUB_REPOSITORY_IDS is missing
                    ','       ; refs/heads/main ; GITHUB_REPOSITORY_IDS:
                    a/b       ; refs/heads/main ; GITHUB_REPOSITORY_IDS:
                    '1,*'     ; refs/heads/main ; GITHUB_REPOSITORY_IDS:
                    0         ; refs/heads/main ; GITHUB_REPOSITORY_IDS:
                    1         ; ''              ; GITHUB_REFS is missing
                    1         ; ','             ; GITHUB_REFS:
                    1         ; main            ; GITHUB_REFS:
                    1         ; *               ; GITHUB_REFS:
                    1         ; 'refs/heads/a,b'; GITHUB_REFS:
                    """)
    void wrongRulesAreRefusedByName(String repositories, String refs, String problem) {
        Map<String, String> variables = new HashMap<>();
        variables.put("GITHUB_REPOSITORY_IDS", repositories);
        variables.put("GITHUB_REFS", refs);
        Environment environment = new Environment(variables);
        assertTrue(GitHubRules.read(environment).isEmpty());
        String refusal =
                assertThrows(InvalidEnvironmentException.class, environment::verify).toString();
        assertTrue(refusal.contains(problem), refusal);
    }

    private static GitHubRules rules(Map<String, String> more) {
        Map<String, String> variables = new HashMap<>(ENVIRONMENT);
        variables.putAll(more);
        return GitHubRules.read(new Environment(variables)).orElseThrow();
    }

    private static Map<String, String> with(String claim, @Nullable String value) {
        Map<String, String> claims = new HashMap<>(CLAIMS);
        if (value == null) {
            claims.remove(claim);
        } else {
            claims.put(claim, value);
        }
        return claims;
    }

    private static Problem refusal(GitHubRules rules, Map<String, String> claims) {
        return assertThrows(ProblemException.class, () -> rules.identity(claims)).problem();
    }
}
