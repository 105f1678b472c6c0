package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process of its own, with its own folder for temporary files. */
class LifecycleTest {
    @TempDir Path home;
    @TempDir Path temporary;
    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void makeProject() throws IOException {
        TestProject.in(home);
    }

    @AfterEach
    void endWhatIsLeft() {
        started.forEach(process -> {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        });
    }

    @Test
    void runningSystemAnswersThroughItsFunctionAndSigtermLeavesNothing() throws Exception {
        Process main = start("--port=0");
        String url = urlWhenListening(main);
        assertEquals("{\"status\":\"ok\"}", get(url + "/health").body());
        assertEquals(500, get(url + "/exit").statusCode());
        long function = Long.parseLong(get(url + "/pid").body().replace("\"", ""));
        var processes = processes();
        assertTrue(processes.stream().anyMatch(process -> process.pid() == function));
        assertTrue(
                processes.stream()
                        .flatMap(process -> process.info().command().stream())
                        .anyMatch(command -> command.endsWith("/bin/postgres")));

        var asked = Instant.now();
        main.destroy();
        assertTrue(main.waitFor(10, TimeUnit.SECONDS));
        assertNothingIsLeft(processes);
        assertTrue(Duration.between(asked, Instant.now()).toSeconds() < 10);
    }

    @Test
    void endOfTheWatchedParentEndsTheSystem() throws Exception {
        var shell = start(List.of("sh", "-c", "\"$@\"; true", "sh"), "--port=0", "--watch-parent");
        urlWhenListening(shell);
        var processes = processes();
        shell.destroyForcibly();
        Eventually.holds(
                "all have ended", () -> processes.stream().noneMatch(ProcessHandle::isAlive));
        assertNothingIsLeft(processes);
    }

    @Test
    void sigtermWhileStartingLeavesNothing() throws Exception {
        Process main = start("--port=0");
        Eventually.holds("the workspace exists", () -> entries() > 0);
        main.destroy();
        assertTrue(main.waitFor(20, TimeUnit.SECONDS));
        assertNothingIsLeft(List.of());
    }

    @Test
    void portInUseIsNamedWithWhatToDo() throws Exception {
        try (var taken = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
            assertFails(
                    "Port %d of 127.0.0.1 cannot be used: end what listens there, or choose another with --port"
                            .formatted(taken.getLocalPort()),
                    "--port=" + taken.getLocalPort());
        }
    }

    @Test
    void missingPackageIsNamedWithHowToBuildIt() throws Exception {
        Files.delete(home.resolve("function.zip"));
        assertFails(
                "function.zip is missing: build it with \"mvn package\".",
                "--port=0",
                "--database-url=postgresql://u:secret@127.0.0.1/d");
    }

    @Test
    void urlOfAnotherDatabaseIsRefusedWithoutItsPassword() throws Exception {
        assertFails(
                "check --database-url and DATABASE_URL",
                "--port=0",
                "--database-url=mysql://u:secret@127.0.0.1/d");
    }

    private void assertFails(String message, String... args) throws Exception {
        Process main = start(args);
        String output = new String(main.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(1, main.waitFor(), output);
        assertTrue(output.contains(message), output);
        assertTrue(!output.contains("secret"), output);
        assertNothingIsLeft(List.of());
    }

    /** All that belong to this run: the folder for temporary files is in their command lines. */
    private List<ProcessHandle> processes() {
        return ProcessHandle.allProcesses()
                .filter(process ->
                        process.info()
                                .commandLine()
                                .filter(line -> line.contains(temporary.toString()))
                                .isPresent())
                .toList();
    }

    private void assertNothingIsLeft(List<ProcessHandle> processes) throws IOException {
        assertEquals(List.of(), processes.stream().filter(ProcessHandle::isAlive).toList());
        assertEquals(List.of(), processes());
        assertEquals(0, entries());
    }

    private long entries() throws IOException {
        try (var files = Files.list(temporary)) {
            return files.filter(file -> file.getFileName().toString().startsWith(Workspace.PREFIX))
                    .count();
        }
    }

    private Process start(String... args) throws IOException {
        return start(List.of(), args);
    }

    private Process start(List<String> prefix, String... args) throws IOException {
        var command = new ArrayList<>(prefix);
        command.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        MainOfATestProject.class.getName(),
                        home.toString()));
        command.addAll(List.of(args));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("DATABASE_URL");
        Process process = builder.start();
        started.add(process);
        return process;
    }

    /** Reads on after that line, so that the system never waits for its reader. */
    private static String urlWhenListening(Process main) throws Exception {
        var url = new CompletableFuture<String>();
        Thread.ofVirtual()
                .start(() -> {
                    var seen = new StringBuilder();
                    main.inputReader()
                            .lines()
                            .forEach(line -> {
                                seen.append(line).append('\n');
                                if (line.startsWith("db-migrate is listening on ")) {
                                    url.complete(line.substring(line.indexOf("http")));
                                }
                            });
                    url.completeExceptionally(new IllegalStateException(seen.toString()));
                });
        return url.get(60, TimeUnit.SECONDS);
    }

    private static HttpResponse<String> get(String url) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
        }
    }
}
