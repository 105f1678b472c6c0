package dbmigrate.local;

import dbmigrate.local.LocalOptions.UsageException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;

/** How callers prove who they are. The names are those of the template's parameter ApiAuth. */
sealed interface ApiAuth {
    /** GitHub's own, as API Gateway is told it. */
    String GITHUB = "https://token.actions.githubusercontent.com";

    /** Nobody is asked: for a machine that its user alone can reach. */
    record None() implements ApiAuth {}

    /** Requests are signed (Signature Version 4) with this key for this region. */
    record Iam(AccessKey key, String region) implements ApiAuth {}

    /**
     * Requests carry a token of this issuer for this audience.
     *
     * @param keys where its key set is; empty for where the issuer's own document says
     */
    record GithubOidc(String issuer, String audience, Optional<URI> keys) implements ApiAuth {}

    /** Requests carry a key of this secret, which the packaged authoriser compares. */
    record ApiKey(String secretArn) implements ApiAuth {}

    /**
     * @param given options of the command line, without their dashes
     * @throws UsageException naming what is missing or unknown
     */
    static ApiAuth of(Map<String, String> given, Map<String, String> environment) {
        String name = given.getOrDefault("auth", "none");
        return switch (name) {
            case "none" -> new None();
            case "iam" ->
                    new Iam(
                            new AccessKey(
                                    needed(environment, name, "AWS_ACCESS_KEY_ID"),
                                    needed(environment, name, "AWS_SECRET_ACCESS_KEY"),
                                    present(environment, "AWS_SESSION_TOKEN")),
                            present(environment, "AWS_REGION").orElse(Arn.REGION));
            case "github-oidc" ->
                    new GithubOidc(
                            given.getOrDefault("oidc-issuer", GITHUB),
                            present(given, "oidc-audience")
                                    .orElseThrow(() ->
                                            new UsageException(
                                                    "--auth github-oidc needs --oidc-audience.")),
                            present(given, "oidc-keys").map(ApiAuth::keySet));
            case "api-key" -> new ApiKey(needed(environment, name, "API_KEY_SECRET_ARN"));
            default ->
                    throw new UsageException(
                            "The option --auth takes none, iam, github-oidc or api-key, not \"%s\"."
                                    .formatted(name));
        };
    }

    private static String needed(Map<String, String> environment, String auth, String variable) {
        return present(environment, variable)
                .orElseThrow(() ->
                        new UsageException(
                                "--auth %s needs the variable %s.".formatted(auth, variable)));
    }

    private static URI keySet(String text) {
        try {
            URI place = new URI(text);
            if (place.getHost() != null && String.valueOf(place.getScheme()).matches("https?")) {
                return place;
            }
        } catch (URISyntaxException e) {
            // Said below, as of an URL of another kind.
        }
        throw new UsageException(
                "The option --oidc-keys takes the URL of a key set, which begins with http:// or https://, not \"%s\"."
                        .formatted(text));
    }

    private static Optional<String> present(Map<String, String> from, String name) {
        return Optional.ofNullable(from.get(name)).filter(value -> !value.isBlank());
    }

    /** The template's parameters that say the same. */
    default Map<String, String> parameters() {
        return this instanceof ApiKey(var secretArn)
                ? Map.of("ApiAuth", parameter(), "ApiKeySecretArn", secretArn)
                : Map.of("ApiAuth", parameter());
    }

    /** The parameter's value. */
    default String parameter() {
        return switch (this) {
            case None _ -> "none";
            case Iam _ -> "iam";
            case GithubOidc _ -> "github-oidc";
            case ApiKey _ -> "api-key";
        };
    }

    /** What the router must know of it. */
    default Map<String, String> variables() {
        return this instanceof GithubOidc(var issuer, var _, var _)
                ? Map.of("API_AUTH", parameter(), "GITHUB_ISSUER", issuer)
                : Map.of("API_AUTH", parameter());
    }

    /** What the router is told where nobody says otherwise: whom nobody asks may do everything. */
    default Map<String, String> defaults() {
        return this instanceof None
                ? Map.of("PERMISSIONS", "anonymous: *, repair, baseline")
                : Map.of();
    }

    /** What is said of it at the start. */
    default String said() {
        return switch (this) {
            case None _ ->
                    "Nobody is asked who he is: whoever reaches this port may migrate. --auth iam, github-oidc or api-key asks.";
            case Iam(var key, var region) ->
                    "Every request but GET /health must be signed with %s for execute-api in %s."
                            .formatted(key.id(), region);
            case GithubOidc(var issuer, var audience, var _) ->
                    "Every request but GET /health needs a token of %s for %s."
                            .formatted(issuer, audience);
            case ApiKey _ ->
                    "Every request but GET /health needs a key of API_KEY_SECRET_ARN in x-api-key.";
        };
    }
}
