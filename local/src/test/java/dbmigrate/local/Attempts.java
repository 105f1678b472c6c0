package dbmigrate.local;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** All the attempts to get in, against three systems. */
final class Attempts {
    static final ApiAuth.Iam IAM =
            new ApiAuth.Iam(
                    new AccessKey(
                            "AKIDATTEMPT", "the-secret-of-the-attempts", Optional.of("session")),
                    "eu-central-1");
    static final String AUDIENCE = "https://migrations.example";
    static final String KEY = "key-of-the-attempts-0123456789-ABCDEF";
    static final String NEXT_KEY = "next-key-of-the-attempts-0123456789-ABC";
    private static final String FORBIDDEN = "403 gateway: Forbidden";
    private static final String UNAUTHORIZED = "401 gateway: Unauthorized";
    private static final String NOT_THIS_ONE = "403 router: IDENTITY_NOT_ALLOWED";
    private static final String EMPTY_HASH =
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private final List<Attempt> all = new ArrayList<>();
    private final int iam;
    private final int github;
    private final int apiKey;
    private final TokenIssuer issuer;
    private final String database;

    /**
     * @param iam the port of each system
     * @param database a database that may be named
     * @param keys changes what the secret holds, by name, and returns when that counts
     */
    Attempts(
            int iam,
            int github,
            int apiKey,
            TokenIssuer issuer,
            String database,
            Consumer<Map<String, String>> keys) {
        this.iam = iam;
        this.github = github;
        this.apiKey = apiKey;
        this.issuer = issuer;
        this.database = database;
        signatures();
        paths();
        tokens();
        var ports = new PermissionAttempts.Ports(iam, github, apiKey);
        all.addAll(new PermissionAttempts(ports, issuer, database).all());
        keys(keys);
    }

    List<Attempt> all() {
        return List.copyOf(all);
    }

    private void signatures() {
        signed("signed GET", "200", s -> s, r -> r);
        all.add(new Attempt("iam", "signed POST", "202", () -> signedPost().send(iam)));
        unsigned("no signature", FORBIDDEN, r -> r);
        signed("signed for another region", FORBIDDEN, s -> s.scope("us-east-1", "execute-api"));
        signed("signed for another service", FORBIDDEN, s -> s.scope(IAM.region(), "s3"));
        signed("replayed after 15 minutes", FORBIDDEN, s -> s.at(ago(15)));
        signed("replayed after 6 minutes", FORBIDDEN, s -> s.at(ago(6)));
        signed("signed 6 minutes ahead", FORBIDDEN, s -> s.at(ago(-6)));
        signed("signed 4 minutes ago", "200", s -> s.at(ago(4)));
        signed(
                "date renewed after signing",
                FORBIDDEN,
                s -> s.at(ago(15)),
                r -> r.instead("X-Amz-Date", date(Instant.now())));
        changedPost("body changed after signing", r -> r.body(body("another")));
        changedPost("body added to what was signed without", r -> r.body(r.body() + " "));
        all.add(
                new Attempt(
                        "iam",
                        "body signed as UNSIGNED-PAYLOAD",
                        FORBIDDEN,
                        () ->
                                signer().payload("UNSIGNED-PAYLOAD")
                                        .sign(
                                                post().header(
                                                                "X-Amz-Content-Sha256",
                                                                "UNSIGNED-PAYLOAD"),
                                                iam)
                                        .send(iam)));
        all.add(
                new Attempt(
                        "iam",
                        "body signed as an empty one",
                        FORBIDDEN,
                        () -> signer().payload(EMPTY_HASH).sign(post(), iam).send(iam)));
        signed(
                "query added after signing",
                FORBIDDEN,
                s -> s,
                r -> r.target("/db-migrate?limit=1"));
        signed(
                "path changed after signing",
                FORBIDDEN,
                s -> s,
                r -> r.target("/db-migrate/" + UUID.randomUUID()));
        signed("GET signed, POST sent", FORBIDDEN, s -> s, r -> r.method("POST"));
        signed("host not signed", FORBIDDEN, s -> s.leavingOut("host"));
        signed(
                "host changed after signing",
                FORBIDDEN,
                s -> s,
                r -> r.header("Host", "example.com"));
        signed("x-amz-date not signed", FORBIDDEN, s -> s.leavingOut("x-amz-date"));
        signed(
                "x-amz-security-token not signed",
                FORBIDDEN,
                s -> s.leavingOut("x-amz-security-token"));
        signed(
                "x-amz- header added after signing",
                FORBIDDEN,
                s -> s,
                r -> r.header("X-Amz-Target", "a"));
        signed("another secret", FORBIDDEN, s -> s.key(IAM.key().id(), "another"));
        signed("unknown access key", FORBIDDEN, s -> s.key("AKIDANOTHER", IAM.key().secret()));
        signed("temporary key without its session token", FORBIDDEN, s -> s.session(""));
        signed("another session token", FORBIDDEN, s -> s.session("another"));
        signed(
                "signature cut off",
                FORBIDDEN,
                s -> s,
                r -> authorization(r, a -> a.substring(0, a.length() - 1)));
        signed(
                "empty signature",
                FORBIDDEN,
                s -> s,
                r -> authorization(r, a -> a.replaceFirst("Signature=.*", "Signature=")));
        signed(
                "two Authorization headers",
                FORBIDDEN,
                s -> s,
                r -> r.header("Authorization", "Bearer a"));
        unsigned(
                "Signature Version 2",
                FORBIDDEN,
                r -> r.header("Authorization", "AWS AKIDATTEMPT:c2lnbmF0dXJl"));
        unsigned("user and password", FORBIDDEN, r -> r.header("Authorization", "Basic YTpi"));
        unsigned(
                "identity claimed in headers",
                FORBIDDEN,
                r ->
                        r.header("X-Amzn-Iam-User-Arn", "arn:aws:iam::000000000000:root")
                                .header("X-Forwarded-User", "root"));
    }

    private void paths() {
        all.add(
                new Attempt(
                        "iam", "GET /health", "200", () -> WireRequest.get("/health").send(iam)));
        all.add(
                new Attempt(
                        "iam",
                        "GET /health with ?/db-migrate",
                        "200",
                        () -> WireRequest.get("/health?/db-migrate").send(iam)));
        all.add(
                new Attempt(
                        "iam",
                        "GET /health with X-HTTP-Method-Override and X-Original-URL",
                        "200",
                        () ->
                                WireRequest.get("/health")
                                        .header("X-HTTP-Method-Override", "POST")
                                        .header("X-Original-URL", "/db-migrate")
                                        .send(iam)));
        all.add(
                new Attempt(
                        "iam",
                        "//db-migrate",
                        "404 server",
                        () -> WireRequest.get("//db-migrate").send(iam)));
        for (String target :
                List.of(
                        "http://a//db-migrate",
                        "/health/../db-migrate",
                        "/health/%2e%2e/db-migrate",
                        "/health%2F..%2Fdb-migrate",
                        "/%64b-migrate",
                        "/db-migrate%2F",
                        "/health/",
                        "/health;/db-migrate",
                        "/health%00",
                        "/HEALTH",
                        "/./health")) {
            unsigned(target, FORBIDDEN, r -> r.target(target));
        }
        for (String method : List.of("POST", "HEAD", "OPTIONS", "get", "PROPFIND")) {
            unsigned(
                    method + " /health",
                    method.equals("HEAD") ? "403 gateway: " : FORBIDDEN,
                    r -> r.method(method).target("/health"));
        }
        for (String method : List.of("PUT", "DELETE", "PATCH")) {
            unsigned(method + " /db-migrate", FORBIDDEN, r -> r.method(method));
        }
    }

    private void tokens() {
        token("a job's token", "200", Map.of());
        bearer("the token without Bearer", "200", i -> issuer.token(AUDIENCE, Map.of()), "");
        all.add(
                new Attempt(
                        "github-oidc",
                        "no token",
                        UNAUTHORIZED,
                        () -> WireRequest.get("/db-migrate").send(github)));
        bearer("Bearer and nothing", UNAUTHORIZED, i -> "", "Bearer ");
        bearer("no token at all in it", UNAUTHORIZED, i -> "a.b.c", "Bearer ");
        token("another audience", UNAUTHORIZED, Map.of("aud", "https://another.example"));
        token(
                "another audience that begins alike",
                UNAUTHORIZED,
                Map.of("aud", AUDIENCE + ".evil"));
        token(
                "the audience as client_id beside another aud",
                UNAUTHORIZED,
                Map.of("aud", "a", "client_id", AUDIENCE));
        token("another issuer", UNAUTHORIZED, Map.of("iss", "https://token.actions.example"));
        token("the issuer with a slash", UNAUTHORIZED, Map.of("iss", issuer.url() + "/"));
        token("expired", UNAUTHORIZED, Map.of("exp", now() - 1));
        token("without expiry", UNAUTHORIZED, Map.of("exp", ""));
        token("expiry as text", UNAUTHORIZED, Map.of("exp", "9999999999"));
        token("not valid yet", UNAUTHORIZED, Map.of("nbf", now() + 600));
        token("issued in the future", UNAUTHORIZED, Map.of("iat", now() + 600));
        bearer("alg: none", UNAUTHORIZED, i -> plain("none") + ".", "Bearer ");
        bearer(
                "alg: nOnE with the right token's signature",
                UNAUTHORIZED,
                i -> plain("nOnE") + right().substring(right().lastIndexOf('.')),
                "Bearer ");
        bearer(
                "RS256 without a signature",
                UNAUTHORIZED,
                i -> right().substring(0, right().lastIndexOf('.') + 1),
                "Bearer ");
        bearer(
                "HS256 with the public key (DER)",
                UNAUTHORIZED,
                i -> issuer.signedWithPublicKey(claims(), issuer.publicKey().getEncoded()),
                "Bearer ");
        bearer(
                "HS256 with the public key (PEM)",
                UNAUTHORIZED,
                i -> issuer.signedWithPublicKey(claims(), pem()),
                "Bearer ");
        KeyPair other = TokenIssuer.rsa();
        bearer(
                "signed with another key under the same kid",
                UNAUTHORIZED,
                i -> TokenIssuer.signed(Map.of(), claims(), other.getPrivate()),
                "Bearer ");
        bearer(
                "unknown kid",
                UNAUTHORIZED,
                i -> TokenIssuer.signed(Map.of("kid", "../first"), claims(), issuer.privateKey()),
                "Bearer ");
        bearer(
                "without kid",
                UNAUTHORIZED,
                i -> TokenIssuer.signed(Map.of("kid", ""), claims(), issuer.privateKey()),
                "Bearer ");
        bearer(
                "its own key in jwk and jku",
                UNAUTHORIZED,
                i ->
                        TokenIssuer.signed(
                                Map.of(
                                        "jwk",
                                        issuer.publicKey("first"),
                                        "jku",
                                        issuer.url() + "/evil"),
                                claims(),
                                other.getPrivate()),
                "Bearer ");
        bearer(
                "alg: RS512 of the right key",
                UNAUTHORIZED,
                i -> TokenIssuer.signed(Map.of("alg", "RS512"), claims(), issuer.privateKey()),
                "Bearer ");
        bearer("claims changed after signing", UNAUTHORIZED, i -> swapped(), "Bearer ");
        bearer("a claim twice", UNAUTHORIZED, i -> twice(), "Bearer ");
        all.add(
                new Attempt(
                        "github-oidc",
                        "the token in the query",
                        UNAUTHORIZED,
                        () -> WireRequest.get("/db-migrate?access_token=" + right()).send(github)));
        all.add(
                new Attempt(
                        "github-oidc",
                        "two Authorization headers",
                        UNAUTHORIZED,
                        () ->
                                WireRequest.get("/db-migrate")
                                        .header("Authorization", "Bearer " + right())
                                        .header("Authorization", "Bearer " + right())
                                        .send(github)));
        all.add(
                new Attempt(
                        "github-oidc",
                        "a signature in place of a token",
                        UNAUTHORIZED,
                        () -> signer().sign(WireRequest.get("/db-migrate"), github).send(github)));
        token("another repository", NOT_THIS_ONE, Map.of("repository_id", "1"));
        token(
                "another repository of the same name",
                NOT_THIS_ONE,
                Map.of("repository_id", "1", "repository", "example/app"));
        token(
                "the repository's id with more digits",
                NOT_THIS_ONE,
                Map.of("repository_id", TokenIssuer.REPOSITORY_ID + "0"));
        token("no repository", NOT_THIS_ONE, Map.of("repository_id", ""));
        token("another branch", NOT_THIS_ONE, Map.of("ref", "refs/heads/feature"));
        token("a branch that begins alike", NOT_THIS_ONE, Map.of("ref", "refs/heads/main-evil"));
        token(
                "a branch named like the ref",
                NOT_THIS_ONE,
                Map.of("ref", "refs/heads/refs/heads/main"));
        token("the branch in capitals", NOT_THIS_ONE, Map.of("ref", "refs/heads/MAIN"));
        token(
                "a pull request",
                NOT_THIS_ONE,
                Map.of("ref", "refs/pull/7/merge", "event_name", "pull_request"));
        token(
                "a pull request that runs with the branch's ref (pull_request_target)",
                NOT_THIS_ONE,
                Map.of("event_name", "pull_request_target"));
        token("no event", NOT_THIS_ONE, Map.of("event_name", ""));
        token(
                "a workflow that follows another one (workflow_run)",
                "200",
                Map.of("event_name", "workflow_run"));
        token(
                "a workflow that somebody's comment sets off (issue_comment)",
                "200",
                Map.of("event_name", "issue_comment"));
        token("a tag that a glob allows", "200", Map.of("ref", "refs/tags/v1.2"));
        token("another environment", NOT_THIS_ONE, Map.of("environment", "staging"));
        token("no environment", NOT_THIS_ONE, Map.of("environment", ""));
        token(
                "the right sub with another repository and ref",
                NOT_THIS_ONE,
                Map.of(
                        "repository_id",
                        "1",
                        "ref",
                        "refs/heads/feature",
                        "sub",
                        "repo:example/app:ref:refs/heads/main"));
        all.add(
                new Attempt(
                        "github-oidc",
                        "POST of another repository",
                        NOT_THIS_ONE,
                        () ->
                                post().header(
                                                "Authorization",
                                                "Bearer "
                                                        + issuer.token(
                                                                AUDIENCE,
                                                                Map.of("repository_id", "1")))
                                        .send(github)));
    }

    private void keys(Consumer<Map<String, String>> secret) {
        key("the key", "200", KEY);
        all.add(
                new Attempt(
                        "api-key",
                        "no key",
                        UNAUTHORIZED,
                        () -> WireRequest.get("/db-migrate").send(apiKey)));
        key("an empty key", UNAUTHORIZED, "");
        key("the key with a trailing space, which HTTP takes away", "200", KEY + " ");
        key("the key with a trailing %20", FORBIDDEN, KEY + "%20");
        key("the key with a no-break space", FORBIDDEN, KEY + "\u00a0");
        key("the key without its last letter", FORBIDDEN, KEY.substring(0, KEY.length() - 1));
        key("the key and one letter more", FORBIDDEN, KEY + "0");
        key("the key in small letters", FORBIDDEN, KEY.toLowerCase());
        key("the key's name", FORBIDDEN, "ci");
        key("the secret's text", FORBIDDEN, "{\"ci\":\"" + KEY + "\"}");
        key("two keys in one header", FORBIDDEN, KEY + "," + KEY);
        all.add(
                new Attempt(
                        "api-key",
                        "two headers, one of them right",
                        FORBIDDEN,
                        () -> keyed(KEY).header("x-api-key", "another").send(apiKey)));
        all.add(
                new Attempt(
                        "api-key",
                        "the key in Authorization",
                        UNAUTHORIZED,
                        () ->
                                WireRequest.get("/db-migrate")
                                        .header("Authorization", "Bearer " + KEY)
                                        .send(apiKey)));
        all.add(
                new Attempt(
                        "api-key",
                        "the key in the query",
                        UNAUTHORIZED,
                        () -> WireRequest.get("/db-migrate?x-api-key=" + KEY).send(apiKey)));
        all.add(
                new Attempt(
                        "api-key",
                        "another route's cached answer: POST without a key after a GET with it",
                        UNAUTHORIZED,
                        () -> {
                            keyed(KEY).send(apiKey);
                            return post().send(apiKey);
                        }));
        all.add(
                new Attempt(
                        "api-key",
                        "the identity in a header of its own",
                        UNAUTHORIZED,
                        () ->
                                WireRequest.get("/db-migrate")
                                        .header("x-identity", "key:ci")
                                        .send(apiKey)));
        all.add(
                new Attempt(
                        "api-key",
                        "/health/../db-migrate",
                        UNAUTHORIZED,
                        () -> WireRequest.get("/health/../db-migrate").send(apiKey)));
        all.add(
                new Attempt(
                        "api-key",
                        "the next key, beside the old one",
                        "200",
                        () -> after(secret, Map.of("ci", KEY, "next", NEXT_KEY), NEXT_KEY)));
        all.add(
                new Attempt(
                        "api-key",
                        "the old key, beside the next one",
                        "200",
                        () -> after(secret, Map.of("ci", KEY, "next", NEXT_KEY), KEY)));
        all.add(
                new Attempt(
                        "api-key",
                        "the old key, once it is out of the secret",
                        FORBIDDEN,
                        () -> after(secret, Map.of("next", NEXT_KEY), KEY)));
        all.add(
                new Attempt(
                        "api-key",
                        "the next key, once the old one is gone",
                        "200",
                        () -> after(secret, Map.of("next", NEXT_KEY), NEXT_KEY)));
    }

    private WireRequest.Got after(
            Consumer<Map<String, String>> secret, Map<String, String> held, String sent) {
        secret.accept(held);
        return keyed(sent).send(apiKey);
    }

    private void signed(String what, String got, UnaryOperator<RequestSigner> how) {
        signed(what, got, how, r -> r);
    }

    private void signed(
            String what,
            String got,
            UnaryOperator<RequestSigner> how,
            UnaryOperator<WireRequest> afterwards) {
        Supplier<WireRequest.Got> made =
                () -> {
                    var request = how.apply(signer()).sign(WireRequest.get("/db-migrate"), iam);
                    return afterwards.apply(request).send(iam);
                };
        all.add(new Attempt("iam", what, got, made));
    }

    private void changedPost(String what, UnaryOperator<WireRequest> change) {
        all.add(new Attempt("iam", what, FORBIDDEN, () -> change.apply(signedPost()).send(iam)));
    }

    private void unsigned(String what, String got, UnaryOperator<WireRequest> change) {
        all.add(
                new Attempt(
                        "iam",
                        what,
                        got,
                        () -> change.apply(WireRequest.get("/db-migrate")).send(iam)));
    }

    private void token(String what, String got, Map<String, ?> changes) {
        bearer(what, got, i -> issuer.token(AUDIENCE, changes), "Bearer ");
    }

    private void bearer(
            String what, String got, Function<TokenIssuer, String> token, String prefix) {
        all.add(
                new Attempt(
                        "github-oidc",
                        what,
                        got,
                        () ->
                                WireRequest.get("/db-migrate")
                                        .header("Authorization", prefix + token.apply(issuer))
                                        .send(github)));
    }

    private void key(String what, String got, String key) {
        all.add(new Attempt("api-key", what, got, () -> keyed(key).send(apiKey)));
    }

    private static WireRequest keyed(String key) {
        return WireRequest.get("/db-migrate").header("x-api-key", key);
    }

    private static RequestSigner signer() {
        return RequestSigner.of(IAM);
    }

    private WireRequest signedPost() {
        return signer().sign(post(), iam);
    }

    private WireRequest post() {
        return WireRequest.post(body(database));
    }

    private static String body(String database) {
        return "{\"database\":\"%s\"}".formatted(database);
    }

    private static WireRequest authorization(WireRequest request, UnaryOperator<String> change) {
        String value =
                request.headers().stream()
                        .filter(header -> header.getKey().equals("Authorization"))
                        .findFirst()
                        .orElseThrow()
                        .getValue();
        return request.instead("Authorization", change.apply(value));
    }

    private static Instant ago(int minutes) {
        return Instant.now().minus(Duration.ofMinutes(minutes));
    }

    private static String date(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString().replaceAll("[-:]", "");
    }

    private static long now() {
        return Instant.now().getEpochSecond();
    }

    private String right() {
        return issuer.token(AUDIENCE, Map.of());
    }

    private Map<String, Object> claims() {
        return new HashMap<>(issuer.claims(AUDIENCE));
    }

    private String plain(String alg) {
        return TokenIssuer.part(Map.of("alg", alg, "kid", "first"))
                + "."
                + TokenIssuer.part(claims());
    }

    private String swapped() {
        String[] parts = issuer.token(AUDIENCE, Map.of("repository_id", "1")).split("\\.");
        return parts[0] + "." + TokenIssuer.part(claims()) + "." + parts[2];
    }

    /**
     * The right claims, and behind them, in the same object, another audience before the right one.
     */
    private String twice() {
        String claims =
                new String(
                        Base64.getUrlDecoder().decode(right().split("\\.")[1]),
                        StandardCharsets.UTF_8);
        return TokenIssuer.signed(
                Map.of(),
                claims.replaceFirst("\\{", "{\"repository_id\":\"1\","),
                issuer.privateKey());
    }

    private byte[] pem() {
        return "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
                .formatted(
                        Base64.getMimeEncoder(64, new byte[] {'\n'})
                                .encodeToString(issuer.publicKey().getEncoded()))
                .getBytes(StandardCharsets.US_ASCII);
    }
}
