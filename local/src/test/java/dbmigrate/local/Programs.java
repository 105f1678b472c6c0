package dbmigrate.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Other programs, from the start of the process to its end. */
final class Programs {
    private Programs() {}

    /**
     * @param folder where it runs and its output is put
     * @return how many ms it took
     */
    static double run(Path folder, String... command) throws IOException, InterruptedException {
        return run(folder, Map.of(), command);
    }

    static double run(Path folder, Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        Path output = folder.resolve("output.txt");
        var builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().putAll(environment);
        builder.redirectErrorStream(true).redirectOutput(output.toFile());
        long begun = System.nanoTime();
        Process process = builder.start();
        process.getOutputStream().close();
        int code = process.waitFor();
        double took = (System.nanoTime() - begun) / 1e6;
        if (code != 0) {
            throw new IOException(
                    "%s ended with %d: %s".formatted(command[0], code, Files.readString(output)));
        }
        return took;
    }
}
