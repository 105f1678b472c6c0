package dbmigrate.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Attempts of somebody who did come in to do what they may not: another command, another database,
 * another identity's process.
 */
final class PermissionAttempts {
    /** Whoever proved a key of these names comes in, and none of them but by its own rule. */
    static final Map<String, String> KEYS =
            Map.of(
                    "reader", "key-of-the-reader-0123456789-ABCDEF",
                    "stranger", "key-of-the-stranger-0123456789-ABCDE",
                    "tenant", "key-of-the-tenant-0123456789-ABCDEF");

    private static final String COMMAND = "403 router: COMMAND_NOT_ALLOWED";
    private static final String IDENTITY = "403 router: IDENTITY_NOT_ALLOWED";
    private static final String DATABASE = "403 router: DATABASE_NOT_ALLOWED";
    private static final String UNKNOWN = "404 router: NOT_FOUND";

    private final List<Attempt> all = new ArrayList<>();
    private final Ports ports;
    private final TokenIssuer issuer;
    private final String database;

    /** The port of each system. */
    record Ports(int iam, int github, int apiKey) {}

    /**
     * @param database a database that everybody may name
     */
    PermissionAttempts(Ports ports, TokenIssuer issuer, String database) {
        this.ports = ports;
        this.issuer = issuer;
        this.database = database;
        withoutRules();
        workflows();
        keys();
    }

    /** The rules of the workflows' system. */
    static String ofWorkflows() {
        String repository = "repo:" + TokenIssuer.REPOSITORY_ID;
        return """
        %1$s:ref:refs/heads/main:environment:production: *, repair on e2e_*;
        %1$s:ref:refs/tags/*: read
        """
                .formatted(repository);
    }

    /** The rules of the system with keys. */
    static String ofKeys(String database) {
        return """
        key:ci: *;
        key:next: *;
        key:reader: read;
        key:tenant: migrate, validate on %s_tenant
        """
                .formatted(database);
    }

    List<Attempt> all() {
        return List.copyOf(all);
    }

    /** Without PERMISSIONS. */
    private void withoutRules() {
        signed("info, without rules", "202", "info");
        signed("validate, without rules", "202", "validate");
        signed("repair, without rules", COMMAND, "repair");
        signed("baseline, without rules", COMMAND, "baseline");
    }

    private void workflows() {
        workflow("repair, where its rule names it", "202", Map.of(), "repair");
        workflow("baseline, where its rule says * and repair", COMMAND, Map.of(), "baseline");
        Map<String, String> tag = Map.of("ref", "refs/tags/v1.2");
        workflow("migrate of a tag's job that may only read", COMMAND, tag, "migrate");
        workflow("info of a tag's job that may only read", COMMAND, tag, "info");
    }

    private void keys() {
        key("repair, where its rule says *", COMMAND, "ci", body("repair", database));
        key("baseline, where its rule says *", COMMAND, "ci", body("baseline", database));
        key(
                "Repair in another case",
                "422 router: INVALID_REQUEST",
                "ci",
                body("Repair", database));
        key(
                "two commands in one body",
                "400 router: BAD_REQUEST",
                "ci",
                "{\"command\":\"info\",\"command\":\"repair\"}");
        key("a database that nobody may name", DATABASE, "ci", body("migrate", "other"));
        key("migrate, where it may only read", COMMAND, "reader", body("migrate", database));
        key("info, where it may only read", COMMAND, "reader", body("info", database));
        String tenant = database + "_tenant";
        key("migrate of the database of its rule", "202", "tenant", body("migrate", tenant));
        key("info, where its rule says migrate, validate", COMMAND, "tenant", body("info", tenant));
        key("a database that its rule does not name", COMMAND, "tenant", body("migrate", database));
        key("the default database, named by nobody", COMMAND, "tenant", "");
        key("a database that begins alike", COMMAND, "tenant", body("migrate", tenant + "_2"));
        key("a key that no rule stands for", IDENTITY, "stranger", body("migrate", database));
        got(
                "GET with a key that no rule stands for",
                IDENTITY,
                () -> keyed("stranger", WireRequest.get("/db-migrate")));
        of("a process that it may read", "200", "reader", "", "GET");
        of("the audit trail of one that it may read", "200", "reader", "/events", "GET");
        of("cancel of one that it may only read", COMMAND, "reader", "/cancel", "POST");
        of("a process of another database", UNKNOWN, "tenant", "", "GET");
        of("the audit trail of another database's", UNKNOWN, "tenant", "/events", "GET");
        of("cancel of another database's", UNKNOWN, "tenant", "/cancel", "POST");
        of("a process, with a key that no rule stands for", IDENTITY, "stranger", "", "GET");
        got(
                "the Idempotency-Key of another identity: a process of its own",
                "202",
                () -> {
                    String name = UUID.randomUUID().toString();
                    post("ci", body("migrate", tenant), name);
                    return post("tenant", body("migrate", tenant), name);
                });
    }

    private void signed(String what, String got, String command) {
        all.add(
                new Attempt(
                        "iam",
                        what,
                        got,
                        () ->
                                RequestSigner.of(Attempts.IAM)
                                        .sign(
                                                WireRequest.post(body(command, database)),
                                                ports.iam())
                                        .send(ports.iam())));
    }

    private void workflow(String what, String got, Map<String, String> claims, String command) {
        all.add(
                new Attempt(
                        "github-oidc",
                        what,
                        got,
                        () ->
                                WireRequest.post(body(command, database))
                                        .header(
                                                "Authorization",
                                                "Bearer " + issuer.token(Attempts.AUDIENCE, claims))
                                        .send(ports.github())));
    }

    private void key(String what, String got, String name, String body) {
        got(what, got, () -> keyed(name, WireRequest.post(body)));
    }

    /** What is below a process that somebody else has started. */
    private void of(String what, String got, String name, String below, String method) {
        got(
                what,
                got,
                () -> {
                    String id = processId(keyed("ci", WireRequest.post(body("migrate", database))));
                    return keyed(name, WireRequest.get("/db-migrate/" + id + below).method(method));
                });
    }

    private void got(String what, String got, Supplier<WireRequest.Got> made) {
        all.add(new Attempt("api-key", what, got, made));
    }

    private WireRequest.Got post(String name, String body, String idempotencyKey) {
        return keyed(name, WireRequest.post(body).header("Idempotency-Key", idempotencyKey));
    }

    private WireRequest.Got keyed(String name, WireRequest request) {
        String key = KEYS.getOrDefault(name, Attempts.KEY);
        return request.header("x-api-key", key).send(ports.apiKey());
    }

    private static String processId(WireRequest.Got got) {
        try {
            return new JsonMapper().readTree(got.body()).required("processId").textValue();
        } catch (JsonProcessingException e) {
            throw new AssertionError(got.toString(), e);
        }
    }

    private static String body(String command, String database) {
        return "{\"command\":\"%s\",\"database\":\"%s\"}".formatted(command, database);
    }
}
