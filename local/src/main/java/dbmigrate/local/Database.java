package dbmigrate.local;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** The server that is migrated. */
sealed interface Database extends AutoCloseable {
    /** The value of DATABASE_URL. */
    String url();

    @Override
    void close() throws IOException;

    /** One that was running before and stays. */
    record Given(String url) implements Database {
        private static final Set<String> SCHEMES = Set.of("postgresql", "postgres", "jdbc");

        /**
         * The functions read the URL strictly; here only what can be no URL of PostgreSQL at all is
         * refused.
         */
        public Given {
            String scheme = url.split(":", 2)[0].toLowerCase(Locale.ROOT);
            if (!SCHEMES.contains(scheme) || !url.contains("://")) {
                throw new LocalException(
                        "The database URL begins with \"%s\": it has to be postgresql://user:password@host:port/name; check --database-url and DATABASE_URL."
                                .formatted(SCHEMES.contains(scheme) ? scheme : "something else"));
            }
        }

        @Override
        public void close() {}

        @Override
        public String toString() {
            return "Given[url=***]";
        }
    }

    /**
     * PostgreSQL 18, with binaries and data in the workspace; the database "app" does not exist
     * yet.
     */
    record Embedded(EmbeddedPostgres server, ProcessHandle postmaster) implements Database {
        static Embedded start(Path folder) throws IOException {
            var server =
                    builder(folder)
                            .setOverrideWorkingDirectory(folder.toFile())
                            .setDataDirectory(folder.resolve("data"))
                            .setCleanDataDirectory(false)
                            // It remembers where each resolver's binaries are: ours go with the
                            // workspace.
                            .setPgBinaryResolver(
                                    DefaultPostgresBinaryResolver.INSTANCE::getPgBinary)
                            // Its hook would run beside the end that LocalSystem orders.
                            .setRegisterShutdownHook(false)
                            .setServerConfig("max_connections", "300")
                            .setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
                            .setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
                            .start();
            // The server's own process is that of pg_ctl, which has ended; the postmaster writes
            // its id here.
            var postmaster = Files.readAllLines(folder.resolve("data/postmaster.pid")).getFirst();
            return new Embedded(
                    server, ProcessHandle.of(Long.parseLong(postmaster.strip())).orElseThrow());
        }

        /**
         * Whatever else it is told, the builder also makes a folder of this property, or a fixed
         * one.
         */
        private static synchronized EmbeddedPostgres.Builder builder(Path folder) {
            String property = "ot.epg.working-dir";
            System.setProperty(property, folder.toString());
            try {
                return EmbeddedPostgres.builder();
            } finally {
                System.clearProperty(property);
            }
        }

        @Override
        public String url() {
            return "postgresql://postgres:postgres@127.0.0.1:%d/app".formatted(server.getPort());
        }

        @Override
        public void close() throws IOException {
            server.close();
            // pg_ctl waits for the file of the process id to go, which is a little before the
            // process.
            var limit = Instant.now().plusSeconds(3);
            while (postmaster.isAlive() && Instant.now().isBefore(limit)) {
                LockSupport.parkNanos(10_000_000);
            }
            postmaster.destroyForcibly();
        }
    }
}
