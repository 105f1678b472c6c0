package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import dbmigrate.testing.TestPostgres;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.stream.Stream;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * The complete system, as its callers and its operator see it, with a stack of its own on the
 * shared server.
 */
final class RunningSystem implements AutoCloseable {
    private static final String QUEUE = "MigrationQueue.fifo";
    private static final String DEAD_LETTERS = "MigrationDeadLetterQueue.fifo";
    private static final Set<String> ENDED = Set.of("COMPLETED", "FAILED", "CANCELED");
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final TestPostgres POSTGRES = TestPostgres.shared();

    private final HttpClient http = HttpClient.newHttpClient();
    private final LocalSystem system;
    private final String stack;

    private RunningSystem(LocalSystem system, String stack) {
        this.system = system;
        this.stack = stack;
    }

    /**
     * Starts a system that may migrate, and create, every database whose name begins with {@code
     * e2e_}.
     *
     * @param variables the functions' own, beside or in place of those
     */
    static RunningSystem start(Path migrations, Map<String, String> variables) {
        return start(POSTGRES.url(POSTGRES.newName("e2e_own")), migrations, variables);
    }

    static RunningSystem start(String databaseUrl, Path migrations, Map<String, String> variables) {
        return start(databaseUrl, migrations, new ApiAuth.None(), variables);
    }

    /** The same with callers who have to prove who they are. */
    static RunningSystem start(Path migrations, ApiAuth auth, Map<String, String> variables) {
        return start(POSTGRES.url(POSTGRES.newName("e2e_own")), migrations, auth, variables);
    }

    private static RunningSystem start(
            String databaseUrl, Path migrations, ApiAuth auth, Map<String, String> variables) {
        String stack = POSTGRES.newName("stack");
        var all = new HashMap<>(Map.of("ALLOWED_DATABASES", "e2e_*", "CREATE_BY_GLOB", "true"));
        all.putAll(variables);
        all.put("STACK_NAME", stack);
        var options =
                new LocalOptions(
                        Main.home(),
                        0,
                        migrations,
                        Optional.of(databaseUrl),
                        Optional.empty(),
                        OptionalInt.empty(),
                        auth,
                        all,
                        false);
        return new RunningSystem(LocalSystem.start(options), stack);
    }

    Answer get(String path) {
        return send("GET", path, new byte[0]);
    }

    Answer post(String body, String... headers) {
        var all = new ArrayList<>(List.of("Content-Type", "application/json"));
        all.addAll(List.of(headers));
        return send(
                "POST",
                "/db-migrate",
                body.getBytes(StandardCharsets.UTF_8),
                all.toArray(String[]::new));
    }

    /**
     * Sends a request; the answer is as docs/openapi.yaml says.
     *
     * @param headers name, value, name, value
     */
    Answer send(String method, String path, byte[] body, String... headers) {
        var request =
                HttpRequest.newBuilder(URI.create(system.baseUrl() + path))
                        .timeout(LIMIT)
                        .method(method, BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return new Answer(
                DocumentedApi.conforming(
                        waiting(() -> http.send(request.build(), BodyHandlers.ofString()))));
    }

    /**
     * Asks for a migration of this database, which is accepted; returns the process's id. Where
     * many functions start at once the gateway may give up; the request is repeated with its key
     * then.
     */
    String accepted(String database) {
        String body = "{\"database\":\"%s\"}".formatted(database);
        String key = UUID.randomUUID().toString();
        long end = System.nanoTime() + LIMIT.toNanos();
        var answer = post(body, "Idempotency-Key", key);
        while (answer.status() == 503 && System.nanoTime() < end) {
            waiting(Duration.ofMillis(100));
            answer = post(body, "Idempotency-Key", key);
        }
        if (answer.status() == 200) {
            return answer.member("processId");
        }
        return accepted(answer);
    }

    String accepted(Answer answer) {
        assertEquals(202, answer.status(), answer::toString);
        return answer.member("processId");
    }

    /** The process as it is now. */
    JsonNode process(String id) {
        var answer = get("/db-migrate/" + id);
        assertEquals(200, answer.status(), answer::toString);
        return answer.json();
    }

    /** Polls until what is awaited can be seen of the process. */
    JsonNode processWhen(String id, String fact, Predicate<JsonNode> awaited) {
        long end = System.nanoTime() + LIMIT.toNanos();
        for (JsonNode process = process(id); ; process = process(id)) {
            if (awaited.test(process)) {
                return process;
            }
            if (hasEnded(process) || System.nanoTime() > end) {
                return fail(
                        "Not within %s: %s: %s".formatted(LIMIT, fact, process.toPrettyString()));
            }
            waiting(Duration.ofMillis(100));
        }
    }

    JsonNode ended(String id) {
        return processWhen(id, "it has ended", RunningSystem::hasEnded);
    }

    private static boolean hasEnded(JsonNode process) {
        return ENDED.contains(process.required("state").asText());
    }

    JsonNode completed(String id) {
        return inState("COMPLETED", ended(id));
    }

    JsonNode failed(String id) {
        return inState("FAILED", ended(id));
    }

    private static JsonNode inState(String state, JsonNode process) {
        assertEquals(state, process.required("state").asText(), process::toPrettyString);
        return process;
    }

    /** Polls until a process runs this script. */
    JsonNode running(String id, String script) {
        return processWhen(
                id,
                "it runs " + script,
                p -> p.at("/progress/current/script").asText().equals(script));
    }

    /** Does the same several times at once; the results in the order of the calls. */
    static <T> List<T> atOnce(List<Callable<T>> calls) {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var results = new ArrayList<T>();
            for (var result : waiting(() -> threads.invokeAll(calls))) {
                results.add(waiting(result::get));
            }
            return results;
        }
    }

    /** Sends the message of a process once more, as the queue delivers some a second time. */
    void sendAgain(String id, String group) {
        message("{\"processId\":\"%s\"}".formatted(id), group);
    }

    /** Sends any message to the worker. */
    void message(String body, String group) {
        message(QUEUE, body, group);
    }

    /** Puts a message where the queue puts those that it gives up. */
    void deadLetter(String body) {
        message(DEAD_LETTERS, body, UUID.randomUUID().toString());
    }

    private void message(String queue, String body, String group) {
        system.sqs()
                .sendMessage(message ->
                        message.queueUrl(system.queueUrl(queue))
                                .messageBody(body)
                                .messageGroupId(group)
                                .messageDeduplicationId(UUID.randomUUID().toString()));
    }

    /** Whether the dead letters' function has one in hand, or has put it back for later. */
    boolean hasDeadLetterInFlight() {
        return !"0"
                .equals(
                        messages(DEAD_LETTERS)
                                .get(
                                        QueueAttributeName
                                                .APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE
                                                .toString()));
    }

    /** Whether every message was acknowledged, and none became a dead letter. */
    boolean hasNoMessage() {
        return Stream.of(QUEUE, DEAD_LETTERS)
                .map(this::messages)
                .flatMap(counts -> counts.values().stream())
                .allMatch("0"::equals);
    }

    private Map<String, String> messages(String queue) {
        return system.sqs()
                .getQueueAttributes(request ->
                        request.queueUrl(system.queueUrl(queue))
                                .attributeNames(
                                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                                        QueueAttributeName
                                                .APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE,
                                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED))
                .attributesAsStrings();
    }

    /** The rows of this stack's processes, as JSON, the oldest first. */
    List<String> rows() {
        String exists = "select to_regclass('db_migrate.process') is not null";
        return POSTGRES.query("postgres", exists).equals(List.of("t"))
                ? POSTGRES.query(
                        "postgres",
                        "select to_jsonb(p) from db_migrate.process p where stack = '%s' order by id"
                                .formatted(stack))
                : List.of();
    }

    /** The server's processes whose sessions hold a place of those who wait. */
    List<String> waiters() {
        return POSTGRES.query(
                "postgres",
                """
                select pid from pg_locks
                where locktype = 'advisory' and objsubid = 2 and granted
                  and database = (select oid from pg_database where datname = 'postgres')
                  and classid::text::bigint = (%d + 4294967296) %% 4294967296
                """
                        .formatted(("db-migrate waits: " + stack).hashCode()));
    }

    /**
     * The scripts that the history of a database calls applied, in the order in which they were.
     */
    static List<String> history(String database) {
        return POSTGRES.query(
                database,
                "select script from flyway_schema_history where success order by installed_rank");
    }

    /** A database that the system may create, and which nobody has yet. */
    static String newDatabase() {
        return POSTGRES.newName("e2e");
    }

    List<ProcessHandle> workers() {
        return system.pids("WorkerFunction").stream()
                .map(ProcessHandle::of)
                .flatMap(Optional::stream)
                .toList();
    }

    /** The name of its stack. */
    String stack() {
        return stack;
    }

    /** Ends the instances of a function, so that the next event has a new one. */
    void endInstances(String function) {
        for (long pid : system.pids(function)) {
            ProcessHandle.of(pid)
                    .ifPresent(process -> {
                        process.destroyForcibly();
                        process.onExit().join();
                    });
        }
    }

    int port() {
        return URI.create(system.baseUrl()).getPort();
    }

    URI queueEndpoint() {
        return system.queueEndpoint();
    }

    private static void waiting(Duration time) {
        waiting(() -> {
            Thread.sleep(time);
            return time;
        });
    }

    private static <T> T waiting(Callable<T> work) {
        try {
            return work.call();
        } catch (Exception e) {
            throw new AssertionError("while waiting for an answer", e);
        }
    }

    @Override
    public void close() {
        http.close();
        system.close();
    }
}
