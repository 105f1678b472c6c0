package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dbmigrate.testing.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The command itself, as a process of its own, with the project's own migrations, on a server that
 * was running before, with a role that may do no more than create databases.
 */
@Tag("database")
class EndToEndSecretTest {
    private static final TestPostgres POSTGRES = TestPostgres.shared();
    private static final String PASSWORD = "p@ss:w/rd%#? é";
    private static final String DATABASE = "My \"App\"-1";

    /**
     * Written in every way that it travels in, and its middle, which none of them changes beyond
     * recognition.
     */
    private static final List<String> SECRETS =
            List.of(
                    PASSWORD,
                    "p%40ss%3Aw%2Frd%25%23%3F%20%C3%A9",
                    "p@ss",
                    "p%40ss",
                    "w/rd",
                    "w%2Frd",
                    "w\\/rd");

    private final String role = POSTGRES.newName("deployer");
    private final String maintenance = POSTGRES.newName("maintenance");
    private final StringBuffer output = new StringBuffer();
    private final List<String> answers = new ArrayList<>();
    private Process main;
    private String url;

    @BeforeEach
    void start() throws Exception {
        POSTGRES.execute("postgres", "drop database if exists \"My \"\"App\"\"-1\" with (force)");
        POSTGRES.execute(
                "postgres",
                "create role %s login createdb password '%s'".formatted(role, PASSWORD));
        POSTGRES.execute("postgres", "create database " + maintenance);
        var builder =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName(),
                                "--port=0")
                        .redirectErrorStream(true);
        builder.environment().put("DATABASE_URL", POSTGRES.url(role, PASSWORD, DATABASE));
        builder.environment().put("PROCESS_DATABASE", maintenance);
        main = builder.start();
        url = urlWhenListening();
    }

    @AfterEach
    void stop() throws Exception {
        main.destroy();
        if (!main.waitFor(20, TimeUnit.SECONDS)) {
            main.descendants().forEach(ProcessHandle::destroyForcibly);
            main.destroyForcibly();
        }
    }

    @Test
    void passwordOfAnyFormLogsInAndIsSaidNowhere() throws Exception {
        var process = ended(post("{\"requestedBy\":\"ci\"}"));
        assertEquals("COMPLETED", process.at("/state").asText(), process::toPrettyString);
        assertEquals(DATABASE, process.at("/database").asText());
        assertTrue(process.at("/databaseCreated").asBoolean());
        assertEquals(
                List.of("customer", "customer_order", "customer_summary", "flyway_schema_history"),
                POSTGRES.query(
                        DATABASE,
                        "select relname from pg_class where relnamespace = 'public'::regnamespace"
                                + " and relkind in ('r', 'v') order by 1"));

        // Errors of every part are printed: the worker's, and the router's, whose password is wrong
        // by now.
        assertEquals("FAILED", ended(post("{\"target\":\"99\"}")).at("/state").asText());
        POSTGRES.execute("postgres", "alter role %s password 'another one'".formatted(role));
        POSTGRES.query(
                "postgres",
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = '%s'"
                        .formatted(role));
        assertEquals(503, post("{}").at("/status").asInt());
        Eventually.holds(
                "the router has logged it",
                () -> output.indexOf("password authentication failed") > 0);

        assertSaysNothing("output", output.toString());
        answers.forEach(answer -> assertSaysNothing("answer", answer));
        dump().forEach(row -> assertSaysNothing("row", row));
        assertSaysNothing("command line", commandLines());
    }

    private static void assertSaysNothing(String what, String text) {
        assertFalse(text.isEmpty(), what);
        for (String secret : SECRETS) {
            assertFalse(text.contains(secret), () -> what + ": " + text);
        }
    }

    /** The role may not use the maintenance database, so the rows are in one of its own. */
    private static List<String> dump() {
        var rows = new ArrayList<String>();
        for (String table : List.of("process", "migration")) {
            rows.addAll(
                    POSTGRES.query(
                            "db_migrate",
                            "select to_jsonb(t) from db_migrate.%s t".formatted(table)));
        }
        assertEquals(6, rows.size(), rows::toString);
        return rows;
    }

    private String commandLines() throws IOException {
        var lines = new StringBuilder();
        for (var process : main.descendants().toList()) {
            lines.append(
                            Files.readString(
                                    Path.of("/proc", Long.toString(process.pid()), "cmdline")))
                    .append('\n');
        }
        return lines.toString();
    }

    private JsonNode ended(JsonNode process) throws Exception {
        assertTrue(process.has("processId"), process::toPrettyString);
        String id = process.required("processId").asText();
        var now = new ArrayList<>(List.of(process));
        Eventually.holds(
                id + " has ended",
                () -> {
                    now.set(0, send(HttpRequest.newBuilder(URI.create(url + "/db-migrate/" + id))));
                    return List.of("COMPLETED", "FAILED")
                            .contains(now.getFirst().at("/state").asText());
                });
        return now.getFirst();
    }

    private JsonNode post(String body) throws Exception {
        return send(
                HttpRequest.newBuilder(URI.create(url + "/db-migrate"))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body)));
    }

    private JsonNode send(HttpRequest.Builder request) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            var answer =
                    DocumentedApi.conforming(http.send(request.build(), BodyHandlers.ofString()));
            answers.add(answer.headers().map() + answer.body());
            return new JsonMapper().readTree(answer.body());
        }
    }

    /** Reads on after that line, so that the system never waits for its reader. */
    private String urlWhenListening() throws Exception {
        var listening = new CompletableFuture<String>();
        Thread.ofVirtual()
                .start(() -> {
                    main.inputReader(StandardCharsets.UTF_8)
                            .lines()
                            .forEach(line -> {
                                output.append(line).append('\n');
                                if (line.startsWith("db-migrate is listening on ")) {
                                    listening.complete(line.substring(line.indexOf("http")));
                                }
                            });
                    listening.completeExceptionally(new IllegalStateException(output.toString()));
                });
        return listening.get(120, TimeUnit.SECONDS);
    }
}
