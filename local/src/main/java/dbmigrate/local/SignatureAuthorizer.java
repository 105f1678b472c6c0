package dbmigrate.local;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * API Gateway's IAM authorisation: Signature Version 4, computed again from the request as it came.
 *
 * <ol>
 *   <li>One Authorization header names a key, a scope, the headers that are signed, a signature.
 *   <li>The key is the one that is known; the scope is the day of x-amz-date, this region,
 *       execute-api.
 *   <li>x-amz-date is at most five minutes off.
 *   <li>A temporary key comes with its session token, any other one with none.
 *   <li>host and every x-amz-* header of the request are among the signed ones.
 *   <li>The signature is that of the canonical request, whose payload is the body.
 * </ol>
 *
 * Whatever is wrong, an HTTP API says only "Forbidden". Policies are not played: the key may call
 * everything. Nor are signatures in the query string, which are refused.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html">
 *     Create a signed AWS API request</a>
 */
final class SignatureAuthorizer implements Authorizer {
    /** "In most cases, a request must reach AWS within five minutes of the time stamp". */
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final Verdict FORBIDDEN =
            new Verdict.Refused(GatewayAnswer.message(403, "Forbidden"));

    private final AccessKey key;
    private final String region;

    SignatureAuthorizer(ApiAuth.Iam iam) {
        key = iam.key();
        region = iam.region();
    }

    @Override
    public Verdict judge(GatewayRequest request, Template.Route route, Instant now) {
        boolean isSigned =
                only(request, "authorization")
                        .flatMap(Signature::parse)
                        .filter(signature -> isCurrent(signature, request, now))
                        .filter(_ -> hasSessionToken(request))
                        .filter(signature -> coversEnough(signature, request))
                        .filter(signature -> isRight(signature, request))
                        .isPresent();
        return isSigned ? new Verdict.Admitted(Map.of("iam", identity())) : FORBIDDEN;
    }

    private boolean isCurrent(Signature signature, GatewayRequest request, Instant now) {
        String date = only(request, "x-amz-date").orElse("");
        try {
            var skew = Duration.between(DATE.parse(date, Instant::from), now).abs();
            return signature.keyId().equals(key.id())
                    && signature.scope().equals(Signature.scope(date, region, "execute-api"))
                    && skew.compareTo(CLOCK_SKEW) <= 0;
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    private boolean hasSessionToken(GatewayRequest request) {
        var sent = request.values("x-amz-security-token");
        return key.sessionToken().map(List::of).orElse(List.of()).equals(sent);
    }

    private static boolean coversEnough(Signature signature, GatewayRequest request) {
        var unsigned = new HashSet<>(request.headers().keySet());
        unsigned.removeAll(signature.headers());
        return request.headers().keySet().containsAll(signature.headers())
                && signature.headers().contains("host")
                && unsigned.stream().noneMatch(name -> name.startsWith("x-amz-"));
    }

    private boolean isRight(Signature signature, GatewayRequest request) {
        String canonical = CanonicalRequest.of(request, signature.headers());
        String date = only(request, "x-amz-date").orElseThrow();
        String right = Signature.of(key.secret(), date, signature.scope(), canonical);
        return MessageDigest.isEqual(
                right.getBytes(StandardCharsets.US_ASCII),
                signature.hex().getBytes(StandardCharsets.UTF_8));
    }

    private static Optional<String> only(GatewayRequest request, String name) {
        var values = request.values(name);
        return values.size() == 1 ? Optional.of(values.getFirst()) : Optional.empty();
    }

    /** A role's session where the key is a temporary one, else a user. */
    private ObjectNode identity() {
        boolean isSession = key.sessionToken().isPresent();
        String id = isSession ? "AROALOCAL:session" : "AIDALOCAL";
        return new JsonMapper()
                .createObjectNode()
                .put("accessKey", key.id())
                .put("accountId", Arn.ACCOUNT)
                .put("callerId", id)
                .putNull("cognitoIdentity")
                .putNull("principalOrgId")
                .put(
                        "userArn",
                        "arn:aws:%s::%s:%s"
                                .formatted(
                                        isSession ? "sts" : "iam",
                                        Arn.ACCOUNT,
                                        isSession ? "assumed-role/local/session" : "user/local"))
                .put("userId", id);
    }
}
