package dbmigrate.router;

import dbmigrate.process.Identity;
import dbmigrate.settings.Environment;
import dbmigrate.settings.Glob;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which workflows of GitHub may come in. API Gateway has proved that GitHub made the token, and for
 * this audience; but every repository of the world can have one made for any audience. So the
 * claims are looked at, those that a workflow cannot choose: neither {@code sub}, whose shape a
 * repository may change, nor names, which may be given up and taken by somebody else.
 *
 * <ol>
 *   <li>{@code iss} is GitHub's, {@code repository_id} is one of these.
 *   <li>{@code event_name} is there and is not {@code pull_request_target}: it runs with the ref of
 *       the base for the sake of what somebody from outside wrote. Other events that somebody from
 *       outside can set off, such as {@code workflow_run} and {@code issue_comment}, come in: what
 *       runs is the default branch's own, and to follow another workflow is what deployments do.
 *   <li>{@code ref} is one of these. That of a pull request, {@code refs/pull/…}, is what anybody
 *       can push: only a pattern that itself begins so stands for it, {@code *} does not.
 *   <li>{@code environment} is one of these, where any are given.
 * </ol>
 */
record GitHubRules(
        String issuer, Set<String> repositoryIds, Set<Glob> refs, Set<String> environments) {
    static final String ISSUER = "https://token.actions.githubusercontent.com";

    private static final Pattern REPOSITORY_ID = Pattern.compile("[1-9][0-9]{0,18}");
    private static final Pattern URL = Pattern.compile("https?://[!-~]+");
    private static final int LONGEST_TOLD = 100;
    private static final String PULL_REQUESTS = "refs/pull/";

    GitHubRules {
        repositoryIds = Set.copyOf(repositoryIds);
        refs = Set.copyOf(refs);
        environments = Set.copyOf(environments);
    }

    /** Reads {@code GITHUB_…}; empty when a problem was noted. */
    static Optional<GitHubRules> read(Environment environment) {
        Optional<String> issuer = environment.parsed("GITHUB_ISSUER", GitHubRules::issuer);
        Optional<String> repositories = environment.required("GITHUB_REPOSITORY_IDS", text -> text);
        Optional<String> refs = environment.required("GITHUB_REFS", text -> text);
        Set<String> ids = environment.names("GITHUB_REPOSITORY_IDS");
        Set<String> patterns = environment.names("GITHUB_REFS");
        boolean areIds = ids.stream().allMatch(id -> REPOSITORY_ID.matcher(id).matches());
        boolean areRefs = patterns.stream().allMatch(ref -> ref.startsWith("refs/"));
        if (repositories.isPresent() && (ids.isEmpty() || !areIds)) {
            environment.problem(
                    "GITHUB_REPOSITORY_IDS: must be numbers with commas between them; gh api"
                            + " repos/OWNER/NAME --jq .id prints a repository's");
        }
        if (refs.isPresent() && (patterns.isEmpty() || !areRefs)) {
            environment.problem(
                    "GITHUB_REFS: must be whole refs or patterns of them with commas between, such as"
                            + " refs/heads/main,refs/tags/v*");
        }
        Set<String> environments = environment.names("GITHUB_ENVIRONMENTS");
        boolean namesEnvironments =
                !environments.isEmpty() || !environment.isSet("GITHUB_ENVIRONMENTS");
        if (!namesEnvironments) {
            environment.problem(
                    "GITHUB_ENVIRONMENTS: is set and names no environment; leave it empty where any"
                            + " and none may come in");
        }
        boolean complete =
                namesEnvironments && !ids.isEmpty() && areIds && !patterns.isEmpty() && areRefs;
        return complete
                ? Optional.of(
                        new GitHubRules(
                                issuer.orElse(ISSUER),
                                ids,
                                patterns.stream().map(Glob::new).collect(Collectors.toSet()),
                                environments))
                : Optional.empty();
    }

    private static String issuer(String text) {
        if (!URL.matcher(text.strip()).matches()) {
            throw new IllegalArgumentException("must be the URL that tokens have as iss");
        }
        return text.strip();
    }

    /**
     * The identity of a workflow that may come in.
     *
     * @param claims as API Gateway hands them over, all as texts
     * @throws ProblemException 403 that says what of the caller's own is not allowed, and nothing
     *     of what is
     */
    Identity identity(Map<String, String> claims) {
        String repository = claim(claims, "repository_id");
        String ref = claim(claims, "ref");
        String environment = claim(claims, "environment");
        String event = claim(claims, "event_name");
        require(claim(claims, "iss").equals(issuer), "iss", claim(claims, "iss"));
        require(repositoryIds.contains(repository), "repository_id", repository);
        require(!event.isEmpty() && !event.equals("pull_request_target"), "event_name", event);
        require(refs.stream().anyMatch(allowed -> allows(allowed, ref)), "ref", ref);
        require(
                environments.isEmpty() || environments.contains(environment),
                "environment",
                environment);
        String where = environment.isEmpty() ? "" : ":environment:" + encoded(environment);
        return Identity.of("repo:" + repository + ":ref:" + encoded(ref) + where);
    }

    private static boolean allows(Glob allowed, String ref) {
        boolean ofPullRequest = ref.startsWith(PULL_REQUESTS);
        return allowed.matches(ref) && (!ofPullRequest || allowed.text().startsWith(PULL_REQUESTS));
    }

    private static String claim(Map<String, String> claims, String name) {
        return claims.getOrDefault(name, "");
    }

    private static void require(boolean allowed, String claim, String value) {
        if (!allowed) {
            String told =
                    value.isEmpty()
                            ? "the token has no " + claim
                            : "the token's %s is %s"
                                    .formatted(
                                            claim,
                                            value.substring(
                                                    0, Math.min(value.length(), LONGEST_TOLD)));
            throw new ProblemException(
                    Problem.identityNotAllowed(told + ", which may not come in here"));
        }
    }

    /**
     * A name as a part of an identity. Whoever may write workflows may name an environment as they
     * like, also {@code x:environment:production}: no part must look like two.
     */
    private static String encoded(String name) {
        StringBuilder encoded = new StringBuilder();
        for (byte octet : name.getBytes(StandardCharsets.UTF_8)) {
            boolean plain = octet > ' ' && octet < 0x7f && "%:;*?".indexOf(octet) < 0;
            encoded.append(plain ? Character.toString(octet) : "%%%02X".formatted(octet));
        }
        return encoded.toString();
    }
}
