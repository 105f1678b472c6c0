package dbmigrate.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/**
 * A PostgreSQL server of one scenario's own, out of an installed package, since it has {@code
 * pg_dump} beside it: it can be stopped without warning and started again. Where the tests run as
 * root it runs as the package's user {@code postgres}.
 */
final class FaultPostgres implements AutoCloseable {
    private static final Path BIN =
            Path.of(System.getProperty("faults.postgres", "/usr/lib/postgresql/15/bin"));
    private static final String PASSWORD = "faults";

    private final Workspace workspace;
    private final int port;
    private final Thread hook = new Thread(this::end, "fault-postgres-end");

    private FaultPostgres(Workspace workspace, int port) {
        this.workspace = workspace;
        this.port = port;
    }

    static boolean isInstalled() {
        return Files.isExecutable(BIN.resolve("initdb"))
                && Files.isExecutable(BIN.resolve("pg_dump"));
    }

    /** Why the suite is left out. */
    static String missing() {
        return "FaultSuiteTest is left out: there is no PostgreSQL with pg_dump in %s; install postgresql-15, or name another folder with -Dfaults.postgres="
                .formatted(BIN);
    }

    static FaultPostgres start() throws IOException, InterruptedException {
        var workspace = Workspace.create();
        Files.setPosixFilePermissions(
                workspace.folder(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Path server = workspace.make("server");
        Path password = Files.writeString(workspace.folder().resolve("password"), PASSWORD);
        if (isRoot()) {
            var postgres =
                    server.getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByName("postgres");
            Files.setOwner(server, postgres);
        }
        var started = new FaultPostgres(workspace, freePort());
        started.run(
                "initdb",
                "--pgdata=" + started.data(),
                "--username=postgres",
                "--auth=scram-sha-256",
                "--pwfile=" + password,
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C.UTF-8");
        Runtime.getRuntime().addShutdownHook(started.hook);
        started.startAgain();
        return started;
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Path data() {
        return workspace.folder().resolve("server/data");
    }

    /** SIGQUIT to every process of it: nothing is written, and the next start recovers. */
    void stopImmediately() throws IOException, InterruptedException {
        run("pg_ctl", "--pgdata=" + data(), "--mode=immediate", "--wait", "stop");
    }

    /** Returns when the server takes sessions. */
    void startAgain() throws IOException, InterruptedException {
        // The machine does not crash here, so that nothing needs to reach the disk.
        String options =
                "-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300 -c fsync=off -c timezone=Asia/Kathmandu"
                        .formatted(port);
        run(
                "pg_ctl",
                "--pgdata=" + data(),
                "--log=" + workspace.folder().resolve("server/log"),
                "--options=" + options,
                "--wait",
                "start");
    }

    int port() {
        return port;
    }

    /** What the functions get; the database that it names is nobody's. */
    String url(int throughPort) {
        return "postgresql://postgres:%s@127.0.0.1:%d/faults_own".formatted(PASSWORD, throughPort);
    }

    /** The rows of a query, their columns joined by {@code |}; NULL is empty. */
    List<String> query(String database, String sql) {
        String url =
                "jdbc:postgresql://127.0.0.1:%d/%s?ApplicationName=faults"
                        .formatted(port, database);
        try (Connection connection = DriverManager.getConnection(url, "postgres", PASSWORD);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            var rows = new ArrayList<String>();
            while (result.next()) {
                var row = new StringJoiner("|");
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    String value = result.getString(i);
                    row.add(value == null ? "" : value);
                }
                rows.add(row.toString());
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL refused: " + sql, e);
        }
    }

    /** The schema of a database as pg_dump writes it, without comments and its random tokens. */
    String dump(String database) throws IOException, InterruptedException {
        Path file = workspace.folder().resolve("server/" + database + ".sql");
        run(
                "pg_dump",
                "--schema-only",
                "--file=" + file,
                "postgresql://postgres:%s@127.0.0.1:%d/%s".formatted(PASSWORD, port, database));
        return Files.readAllLines(file).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("--"))
                .filter(line -> !line.startsWith("\\restrict") && !line.startsWith("\\unrestrict"))
                .collect(Collectors.joining("\n"));
    }

    private void run(String program, String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        if (isRoot()) {
            command.addAll(List.of("runuser", "-u", "postgres", "--"));
        }
        command.add(BIN.resolve(program).toString());
        command.addAll(List.of(arguments));
        Path output = workspace.folder().resolve("output");
        int status =
                new ProcessBuilder(command)
                        .directory(workspace.folder().toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start()
                        .waitFor();
        if (status != 0) {
            throw new IOException("%s: %d %s".formatted(program, status, Files.readString(output)));
        }
    }

    private void stopQuietly() {
        try {
            stopImmediately();
        } catch (IOException e) {
            // It was stopped.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Also when the tests are interrupted: neither server nor folder stays. */
    private void end() {
        stopQuietly();
        try {
            workspace.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(hook);
        end();
    }
}
