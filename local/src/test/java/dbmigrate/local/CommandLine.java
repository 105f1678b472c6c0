package dbmigrate.local;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@code bin/db-migrate} as a shell runs it, in a folder of its own.
 *
 * @param name the shell and the awk
 * @param shell the command that reads the script
 * @param tools links to the tools that are found before those of the machine
 */
record CommandLine(String name, List<String> shell, Map<String, String> tools) {
    private static final long LIMIT_SECONDS = 120;
    private static final List<String> BUSYBOX_TOOLS =
            List.of(
                    "awk", "cat", "cp", "date", "mkdir", "mv", "od", "rm", "sed", "sleep", "sort",
                    "stty", "tr");

    /** What one run printed, and its exit code. */
    record Result(int exit, String out, String err) {}

    /** A run that has not ended yet. */
    record Run(Process process, Path folder) {
        String out() throws IOException {
            return Files.readString(folder.resolve("out"));
        }

        Result ended() throws Exception {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("has not ended: " + out());
            }
            return new Result(process.exitValue(), out(), Files.readString(folder.resolve("err")));
        }
    }

    /** The system's own shell and awk. */
    static CommandLine ofTheSystem() {
        return new CommandLine("sh", List.of("sh"), Map.of());
    }

    /** Every shell and every awk that is installed, each once. */
    static Stream<CommandLine> installed() {
        var all = new ArrayList<>(List.of(ofTheSystem()));
        path("dash").ifPresent(dash -> all.add(new CommandLine("dash", List.of(dash), Map.of())));
        path("bash")
                .ifPresent(bash ->
                        all.add(
                                new CommandLine(
                                        "bash --posix", List.of(bash, "--posix"), Map.of())));
        for (String awk : List.of("mawk", "gawk", "original-awk")) {
            path(awk)
                    .ifPresent(file ->
                            all.add(new CommandLine(awk, List.of("sh"), Map.of("awk", file))));
        }
        path("busybox").ifPresent(busybox -> all.add(busybox(busybox)));
        return all.stream();
    }

    private static CommandLine busybox(String file) {
        var tools = BUSYBOX_TOOLS.stream().collect(Collectors.toMap(tool -> tool, _ -> file));
        return new CommandLine("busybox", List.of(file, "sh"), tools);
    }

    private static Optional<String> path(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    /** The same with its standard output elsewhere: a file, or "&-" for none at all. */
    CommandLine writingTo(String output) {
        var command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" >" + output, "sh"));
        command.addAll(shell);
        return new CommandLine(name, command, tools);
    }

    /** The same with its standard output read by a program, whose exit code it has then. */
    CommandLine readBy(String reader) {
        var command = new ArrayList<>(List.of("sh", "-c", "\"$@\" | " + reader, "sh"));
        command.addAll(shell);
        return new CommandLine(name, command, tools);
    }

    /** The same with another program in the place of one. */
    CommandLine with(String tool, Path file) {
        var all = new HashMap<>(tools);
        all.put(tool, file.toString());
        return new CommandLine(name, shell, all);
    }

    Run start(Path parent, String... arguments) throws IOException {
        return start(parent, Map.of(), arguments);
    }

    /**
     * Starts it; nothing of this process's settings for it reaches it.
     *
     * @param variables its settings
     */
    Run start(Path parent, Map<String, String> variables, String... arguments) throws IOException {
        Path folder = Files.createTempDirectory(parent, "run");
        Path links = Files.createDirectory(folder.resolve("tools"));
        for (var tool : tools.entrySet()) {
            Files.createSymbolicLink(links.resolve(tool.getKey()), Path.of(tool.getValue()));
        }
        var command = new ArrayList<>(shell);
        command.add(Main.home().resolve("bin/db-migrate").toString());
        command.addAll(List.of(arguments));
        var builder =
                new ProcessBuilder(command)
                        .redirectInput(new File("/dev/null"))
                        .redirectOutput(folder.resolve("out").toFile())
                        .redirectError(folder.resolve("err").toFile());
        var environment = builder.environment();
        environment.keySet().removeIf(name -> name.matches("(DB_MIGRATE|AWS|ACTIONS|GITHUB)_.*"));
        environment.putAll(variables);
        environment.put("PATH", links + ":" + environment.get("PATH"));
        environment.put("TMPDIR", Files.createDirectory(folder.resolve("tmp")).toString());
        return new Run(builder.start(), folder);
    }

    Result run(Path parent, Map<String, String> variables, String... arguments) throws Exception {
        return start(parent, variables, arguments).ended();
    }

    Result run(Path parent, String... arguments) throws Exception {
        return start(parent, arguments).ended();
    }

    @Override
    public String toString() {
        return name;
    }
}
