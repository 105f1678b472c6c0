package dbmigrate.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** PostgreSQL's binaries out of a jar, unpacked into a temporary folder together with the data. */
final class EmbeddedServer {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private EmbeddedServer() {}

    static RunningServer start(String password) {
        try {
            Path folder = Files.createTempDirectory("test-postgres-");
            try {
                return start(folder, password);
            } catch (IOException | SQLException | RuntimeException e) {
                delete(folder);
                throw new IllegalStateException("the embedded PostgreSQL did not start", e);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RunningServer start(Path folder, String password)
            throws IOException, SQLException {
        Path data = folder.resolve("data");
        EmbeddedPostgres.Builder builder =
                EmbeddedPostgres.builder()
                        .setOverrideWorkingDirectory(folder.toFile())
                        .setDataDirectory(data)
                        .setPGStartupWait(PATIENCE)
                        // The folder can go only once the server has gone: one hook does both.
                        .setRegisterShutdownHook(false);
        // No socket file in the temporary folder of everybody, which a kill would leave there.
        builder.setServerConfig("unix_socket_directories", "");
        TestPostgres.CONFIGURATION.forEach(builder::setServerConfig);
        EmbeddedPostgres server = builder.start();
        Runnable stop = () -> stop(server, folder);
        try {
            checkPasswords(server, data, password);
        } catch (IOException | SQLException | RuntimeException e) {
            stop.run();
            throw e;
        }
        return new RunningServer("127.0.0.1", server.getPort(), stop);
    }

    /** The library sets a server up that trusts everybody. */
    private static void checkPasswords(EmbeddedPostgres server, Path data, String password)
            throws IOException, SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "alter role " + TestPostgres.SUPERUSER + " password '" + password + "'");
            Files.write(
                    data.resolve("pg_hba.conf"),
                    List.of("local all all scram-sha-256", "host all all all scram-sha-256"));
            statement.execute("select pg_reload_conf()");
        }
        // Reloading is only asked for: wait until somebody without a password is turned away.
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (trustsEverybody(server)) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("PostgreSQL did not reload its pg_hba.conf");
            }
        }
    }

    private static boolean trustsEverybody(EmbeddedPostgres server) {
        String url = server.getJdbcUrl(TestPostgres.SUPERUSER, "postgres");
        try (Connection _ = DriverManager.getConnection(url)) {
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    private static void stop(EmbeddedPostgres server, Path folder) {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            delete(folder);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(f -> f.delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
