package dbmigrate.testing;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/** PostgreSQL in a container, of an image that takes {@code POSTGRES_USER} and its companions. */
final class ContainerServer {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private ContainerServer() {}

    static RunningServer start(String password) {
        String image = System.getProperty("test.postgres.image", "postgres:18");
        PostgreSQLContainer container =
                new PostgreSQLContainer(
                        DockerImageName.parse(image).asCompatibleSubstituteFor("postgres"));
        container.withUsername(TestPostgres.SUPERUSER);
        container.withPassword(password);
        container.withDatabaseName("postgres");
        container.setCommand(command());
        container.setWaitStrategy(new Login(container).withStartupTimeout(PATIENCE));
        container.start();
        return new RunningServer(
                container.getHost(),
                container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT),
                container::stop);
    }

    private static String[] command() {
        List<String> command = new ArrayList<>(List.of("postgres", "-c", "fsync=off"));
        TestPostgres.CONFIGURATION.forEach(
                (name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        return command.toArray(String[]::new);
    }

    /**
     * Ready is who lets the superuser in. Testcontainers waits for the second "ready to accept
     * connections" in the log, since the official image starts twice; other images start once.
     */
    private static final class Login extends AbstractWaitStrategy {
        private final PostgreSQLContainer container;

        Login(PostgreSQLContainer container) {
            this.container = container;
        }

        @Override
        protected void waitUntilReady() {
            long deadline = System.nanoTime() + startupTimeout.toNanos();
            while (true) {
                try (Connection _ =
                        DriverManager.getConnection(
                                container.getJdbcUrl(),
                                container.getUsername(),
                                container.getPassword())) {
                    return;
                } catch (SQLException e) {
                    if (!container.isRunning() || System.nanoTime() > deadline) {
                        throw new IllegalStateException(
                                "PostgreSQL in the container does not let anybody in", e);
                    }
                }
                pause();
            }
        }

        private static void pause() {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while PostgreSQL starts", e);
            }
        }
    }
}
