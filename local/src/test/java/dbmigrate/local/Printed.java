package dbmigrate.local;

import java.io.PrintStream;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The lines that are printed while it is open, the functions' own among them; they are still
 * printed.
 */
final class Printed implements AutoCloseable {
    private final PrintStream before = System.out;
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();

    Printed() {
        System.setOut(
                new PrintStream(before, true) {
                    @Override
                    public void println(String line) {
                        lines.add(line);
                        super.println(line);
                    }
                });
    }

    /** Whether a line holds both. */
    boolean has(String one, String other) {
        return lines.stream().anyMatch(line -> line.contains(one) && line.contains(other));
    }

    /** All lines until now, in their order. */
    List<String> lines() {
        return List.copyOf(lines);
    }

    @Override
    public void close() {
        System.setOut(before);
    }
}
