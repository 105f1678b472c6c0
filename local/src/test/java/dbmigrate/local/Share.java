package dbmigrate.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A share of one core, by a control group of its own: what is started by {@link #program()} gets
 * that much of each 100 ms, as Lambda hands out what its memory pays for.
 */
record Share(Path group) implements AutoCloseable {
    private static final int PERIOD = 100_000;

    /** Empty where this process may make no such group: it takes root, and no read-only tree. */
    static Optional<Share> of(double cores) {
        int quota = (int) (PERIOD * cores);
        for (Path root : List.of(Path.of("/sys/fs/cgroup/cpu"), Path.of("/sys/fs/cgroup"))) {
            Path group = root.resolve("db-migrate-benchmark-" + ProcessHandle.current().pid());
            try {
                Files.createDirectory(group);
                if (Files.exists(group.resolve("cpu.max"))) {
                    Files.writeString(group.resolve("cpu.max"), quota + " " + PERIOD);
                } else {
                    Files.writeString(group.resolve("cpu.cfs_period_us"), "" + PERIOD);
                    Files.writeString(group.resolve("cpu.cfs_quota_us"), "" + quota);
                }
                return Optional.of(new Share(group));
            } catch (IOException e) {
                // Another version of control groups, or not ours to make.
                group.toFile().delete();
            }
        }
        return Optional.empty();
    }

    List<String> program() {
        return List.of(
                "sh", "-c", "echo $$ > " + group.resolve("cgroup.procs") + " && exec \"$@\"", "sh");
    }

    @Override
    public void close() throws IOException {
        Files.delete(group);
    }
}
