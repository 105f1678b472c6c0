package dbmigrate.local;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Starts the complete system and runs until it is ended. */
final class Main {
    private Main() {}

    public static void main(String[] args) throws Exception {
        run(home(), args);
    }

    /**
     * Never returns: Ctrl-C, SIGTERM and, where asked for, the parent's end end it.
     *
     * @param home the project's folder
     */
    static void run(Path home, String... args) throws InterruptedException {
        if (args.length == 1 && args[0].equals("--help")) {
            System.out.print(LocalOptions.USAGE);
            System.exit(0);
        }
        try {
            var options = LocalOptions.parse(home, System.getenv(), args);
            var parts = new Parts();
            Runtime.getRuntime().addShutdownHook(new Thread(parts::close));
            if (options.watchParent()) {
                endWithParent();
            }
            System.out.print(banner(LocalSystem.start(options, parts)));
            System.out.flush();
            Thread.currentThread().join();
        } catch (LocalOptions.UsageException e) {
            System.err.print(e.getMessage() + "\n" + LocalOptions.USAGE);
            System.exit(2);
        } catch (LocalException e) {
            System.err.println("db-migrate does not start. " + e.getMessage());
            System.exit(1);
        }
    }

    /**
     * A process whose parent has ended gets another one, at once; {@code onExit} of what is no
     * child looks only every 5 s, and waits for somebody to take the exit code.
     */
    private static void endWithParent() {
        var parent = ProcessHandle.current().parent();
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    while (ProcessHandle.current().parent().equals(parent)) {
                        LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
                    }
                    System.exit(0);
                });
    }

    /** The project's folder. */
    static Path home() {
        return target().resolve("../..").normalize();
    }

    /** The folder local/target, in which local.jar stands, or in tests the folder of classes. */
    static Path target() {
        try {
            return Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                    .resolveSibling("")
                    .normalize();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String banner(LocalSystem system) {
        return """
        db-migrate is listening on %1$s

          id=$(curl -s -X POST %1$s/db-migrate | grep -o '"processId":"[^"]*"' | cut -d '"' -f 4)
          curl %1$s/db-migrate/$id
          curl %1$s/health
        %2$s
        %3$s
        """
                .formatted(
                        system.baseUrl(),
                        system.embeddedDatabaseUrl().map("  psql %s\n"::formatted).orElse(""),
                        system.auth().said());
    }
}
