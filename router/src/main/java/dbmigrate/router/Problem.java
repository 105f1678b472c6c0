package dbmigrate.router;

import dbmigrate.process.ProcessState;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * An error answer: RFC 9457's {@code application/problem+json} with our {@code code}.
 *
 * @param detail what is wrong and what to check; never an exception's own message
 * @param errors what is wrong with which member of the body
 * @param headers what the status demands, such as {@code Allow} or {@code Retry-After}
 */
record Problem(
        int status,
        ProblemCode code,
        String title,
        String detail,
        List<Invalid> errors,
        Map<String, String> headers) {
    /** How long a caller should wait for a database or a queue that cannot be had. */
    private static final Duration PAUSE = Duration.ofSeconds(5);

    /** A wrong member: a JSON pointer (RFC 6901) to it, and what it should be. */
    record Invalid(String pointer, String detail) {}

    Problem {
        errors = List.copyOf(errors);
        headers = Map.copyOf(headers);
    }

    private Problem(int status, ProblemCode code, String title, String detail) {
        this(status, code, title, detail, List.of(), Map.of());
    }

    static Problem badRequest(String detail) {
        return new Problem(400, ProblemCode.BAD_REQUEST, "The request is malformed", detail);
    }

    /** With how a caller is to prove who it is, as RFC 9110 demands of a 401. */
    static Problem unauthenticated(String challenge) {
        return new Problem(
                401,
                ProblemCode.UNAUTHENTICATED,
                "Nobody has proved who asks",
                "the API's authoriser told the router no identity; check that the request came by a"
                        + " route with the authoriser that API_AUTH names",
                List.of(),
                Map.of("www-authenticate", challenge));
    }

    /**
     * @param detail what of the caller's own is not allowed, and nothing of what is
     */
    static Problem identityNotAllowed(String detail) {
        return new Problem(403, ProblemCode.IDENTITY_NOT_ALLOWED, "Not allowed", detail);
    }

    static Problem commandNotAllowed(String command) {
        return new Problem(
                403,
                ProblemCode.COMMAND_NOT_ALLOWED,
                "Not allowed",
                "no rule of PERMISSIONS lets this identity %s this database".formatted(command));
    }

    static Problem forbidden(ProblemCode code, String detail, String pointer) {
        return new Problem(
                403, code, "Not allowed", detail, List.of(new Invalid(pointer, detail)), Map.of());
    }

    static Problem notFound(String detail) {
        return new Problem(404, ProblemCode.NOT_FOUND, "Not found", detail);
    }

    static Problem unknownProcess() {
        return notFound("there is no process with this id");
    }

    static Problem ended(ProcessState state) {
        return new Problem(
                409,
                ProblemCode.PROCESS_ENDED,
                "The process has ended",
                "it is %s, which nothing changes any more".formatted(state));
    }

    static Problem methodNotAllowed(String method, String path, String allow) {
        return new Problem(
                405,
                ProblemCode.METHOD_NOT_ALLOWED,
                "Method not allowed",
                "%s does not take %s; it takes %s".formatted(path, method, allow),
                List.of(),
                Map.of("allow", allow));
    }

    static Problem tooLarge(int largest) {
        return new Problem(
                413,
                ProblemCode.BODY_TOO_LARGE,
                "The body is too large",
                "the body may have %d bytes at most".formatted(largest));
    }

    static Problem unsupportedMediaType() {
        return new Problem(
                415,
                ProblemCode.UNSUPPORTED_MEDIA_TYPE,
                "The body is not JSON by its content type",
                "send the header Content-Type: application/json (curl sends another one unless told)");
    }

    static Problem invalid(List<Invalid> errors) {
        return new Problem(
                422,
                ProblemCode.INVALID_REQUEST,
                "The request has wrong values",
                "see errors for each member",
                errors,
                Map.of());
    }

    static Problem keyReused() {
        return new Problem(
                422,
                ProblemCode.IDEMPOTENCY_KEY_REUSED,
                "The Idempotency-Key stands for another request",
                "this key came with another body before; send a new key with a new request");
    }

    static Problem keyBusy() {
        return unavailable(
                ProblemCode.KEY_BUSY,
                "another request with this Idempotency-Key is still being recorded, and this one has"
                        + " recorded nothing; repeat it with the same key, and it runs once");
    }

    static Problem unavailable(ProblemCode code, String detail) {
        return new Problem(
                503,
                code,
                "Not available for now",
                detail,
                List.of(),
                Map.of("retry-after", Long.toString(PAUSE.toSeconds())));
    }

    static Problem internal() {
        return new Problem(
                500,
                ProblemCode.INTERNAL_ERROR,
                "db-migrate itself failed",
                "look for this requestId in the router's log");
    }

    /** The answer that carries this problem. */
    HttpResponse toResponse(String requestId) {
        HttpResponse response =
                HttpResponse.json(
                                status,
                                json -> {
                                    json.writeStartObject();
                                    json.writeStringField("type", type());
                                    json.writeStringField("title", title);
                                    json.writeNumberField("status", status);
                                    json.writeStringField("detail", detail);
                                    json.writeStringField("code", code.name());
                                    json.writeStringField("requestId", requestId);
                                    json.writeArrayFieldStart("errors");
                                    for (Invalid error : errors) {
                                        json.writeStartObject();
                                        json.writeStringField("pointer", error.pointer());
                                        json.writeStringField("detail", error.detail());
                                        json.writeEndObject();
                                    }
                                    json.writeEndArray();
                                    json.writeEndObject();
                                })
                        .withHeader("content-type", "application/problem+json");
        for (Map.Entry<String, String> header : headers.entrySet()) {
            response = response.withHeader(header.getKey(), header.getValue());
        }
        return response;
    }

    /** A name, not an address: there is nothing to fetch behind it. */
    private String type() {
        return "urn:db-migrate:problem:"
                + code.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
