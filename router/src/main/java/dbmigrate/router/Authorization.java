package dbmigrate.router;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent.RequestContext.Authorizer;
import dbmigrate.process.Identity;
import dbmigrate.settings.Environment;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a caller proves who it is: {@code API_AUTH}. The identity is taken from what that one
 * authoriser said of the request; what another may have said counts for nothing.
 */
sealed interface Authorization {
    /**
     * Who the authoriser says that the caller is.
     *
     * @return empty where it said nothing
     * @throws ProblemException 403 for one who proved to be somebody that may not come in
     */
    Optional<Identity> identity(Authorizer said);

    /** What a caller has to send, in the words of {@code WWW-Authenticate}. */
    String challenge();

    /** Reads {@code API_AUTH}, and what belongs to its way; empty when a problem was noted. */
    static Optional<Authorization> read(Environment environment) {
        return switch (environment.text("API_AUTH").orElse("iam").strip()) {
            case "iam" -> Optional.of(new Iam());
            case "github-oidc" -> GitHubRules.read(environment).map(GitHubOidc::new);
            case "api-key" -> Optional.of(new ApiKey());
            case "none" -> Optional.of(new None());
            default -> {
                environment.problem("API_AUTH: must be iam, github-oidc or api-key");
                yield Optional.empty();
            }
        };
    }

    /** A signed request: the identity is the ARN of the user, or of the session of a role. */
    record Iam() implements Authorization {
        /** A session's name is whatever the one who assumes the role gives it. */
        private static final Pattern SESSION =
                Pattern.compile("(arn:[^:]+:sts::[^:]*:assumed-role/[^/]+)/[^/]+");

        @Override
        public Optional<Identity> identity(Authorizer said) {
            return Optional.ofNullable(said.getIam().getUserArn())
                    .filter(arn -> arn.startsWith("arn:"))
                    .map(arn -> new Identity(arn, role(arn).orElse(arn)));
        }

        /** The role of a session, without the session's name. */
        static Optional<String> role(String arn) {
            Matcher session = SESSION.matcher(arn);
            return session.matches() ? Optional.of(session.group(1)) : Optional.empty();
        }

        @Override
        public String challenge() {
            return "AWS4-HMAC-SHA256";
        }
    }

    /** A token of a GitHub workflow. */
    record GitHubOidc(GitHubRules rules) implements Authorization {
        @Override
        public Optional<Identity> identity(Authorizer said) {
            return said.getJwt().getClaims().isEmpty()
                    ? Optional.empty()
                    : Optional.of(rules.identity(said.getJwt().getClaims()));
        }

        @Override
        public String challenge() {
            return "Bearer";
        }
    }

    /** A key, of which {@link ApiKeyAuthorizer} said whose it is. */
    record ApiKey() implements Authorization {
        @Override
        public Optional<Identity> identity(Authorizer said) {
            return said.getLambda().get("identity") instanceof String identity
                            && ApiKeys.isIdentity(identity)
                    ? Optional.of(Identity.of(identity))
                    : Optional.empty();
        }

        @Override
        public String challenge() {
            return "ApiKey";
        }
    }

    /** Nobody proves anything: a run on one machine. The template has no such value. */
    record None() implements Authorization {
        private static final Identity ANYBODY = Identity.of("anonymous");

        @Override
        public Optional<Identity> identity(Authorizer said) {
            return Optional.of(ANYBODY);
        }

        @Override
        public String challenge() {
            return "None";
        }
    }
}
