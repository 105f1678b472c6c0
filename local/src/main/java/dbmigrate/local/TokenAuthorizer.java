package dbmigrate.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.PublicKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * API Gateway's JWT authoriser: one token in Authorization, with or without "Bearer", signed with a
 * key of the issuer's set.
 *
 * <ol>
 *   <li>alg is RS256, kid names a key of the set, and the signature is of that key: nothing of what
 *       a token says chooses another way to check it.
 *   <li>iss is the issuer; aud, or client_id where there is no aud, holds the audience.
 *   <li>exp is there and to come; nbf and iat, where they are there, are over. To the second.
 * </ol>
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html">
 *     JWT authorizers</a>
 */
final class TokenAuthorizer implements Authorizer {
    private final String issuer;
    private final String audience;
    private final KeySet keys;

    TokenAuthorizer(ApiAuth.GithubOidc oidc, KeySet keys) {
        this.issuer = oidc.issuer();
        this.audience = oidc.audience();
        this.keys = keys;
    }

    @Override
    public Verdict judge(GatewayRequest request, Template.Route route, Instant now)
            throws InterruptedException {
        var sent = request.values("authorization");
        if (sent.size() != 1) {
            return new Verdict.Refused(unauthorized("Bearer"));
        }
        var parsed = Token.parse(sent.getFirst().replaceFirst("(?i)^bearer +", ""));
        if (parsed.isEmpty()) {
            return refused("the token is malformed");
        }
        Token token = parsed.get();
        var key = token.isRs256() ? keys.key(token.keyId()) : Optional.<PublicKey>empty();
        if (key.isEmpty() || !token.isSignedWith(key.get())) {
            return refused("the token's signature could not be verified");
        }
        return claims(token.claims(), now);
    }

    private Verdict claims(JsonNode claims, Instant now) {
        if (!issuer.equals(claims.path("iss").textValue())) {
            return refused("the token does not have a valid issuer");
        }
        if (!audiences(claims).contains(audience)) {
            return refused("the token does not have a valid audience");
        }
        if (!claims.path("exp").isNumber() || claims.path("exp").asLong() <= now.getEpochSecond()) {
            return refused("the token has expired");
        }
        boolean isEarly =
                Stream.of("nbf", "iat")
                        .filter(claims::has)
                        .map(claims::get)
                        .anyMatch(time -> !time.isNumber() || time.asLong() > now.getEpochSecond());
        return isEarly
                ? refused("the token is not yet valid")
                : new Verdict.Admitted(Map.of("jwt", identity(claims)));
    }

    private static List<String> audiences(JsonNode claims) {
        var aud = claims.path(claims.has("aud") ? "aud" : "client_id");
        return aud.isArray()
                ? StreamSupport.stream(aud.spliterator(), false).map(JsonNode::textValue).toList()
                : List.of(String.valueOf(aud.textValue()));
    }

    /** A function gets every claim as text, and a list as [a b]. */
    private static ObjectNode identity(JsonNode claims) {
        var jwt = new JsonMapper().createObjectNode();
        var texts = jwt.putObject("claims");
        claims.properties().forEach(claim -> texts.put(claim.getKey(), text(claim.getValue())));
        jwt.putNull("scopes");
        return jwt;
    }

    private static String text(JsonNode claim) {
        return claim.isArray()
                ? StreamSupport.stream(claim.spliterator(), false)
                        .map(TokenAuthorizer::text)
                        .collect(Collectors.joining(" ", "[", "]"))
                : claim.isContainerNode() ? claim.toString() : claim.asText();
    }

    private static Verdict refused(String why) {
        return new Verdict.Refused(
                unauthorized(
                        "Bearer scope=\"\" error=\"invalid_token\" error_description=\"%s\""
                                .formatted(why)));
    }

    private static GatewayAnswer unauthorized(String challenge) {
        return GatewayAnswer.message(401, "Unauthorized").with("www-authenticate", challenge);
    }
}
