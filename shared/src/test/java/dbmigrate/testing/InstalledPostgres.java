package dbmigrate.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A PostgreSQL server of one test's own, out of an installed package (Debian's 15, or the folder
 * that {@code -Dfaults.postgres=} names): it has all programs beside it and can be stopped and
 * started in every way. Where the tests run as root it runs as the package's user {@code postgres}.
 */
public final class InstalledPostgres implements AutoCloseable {
    private static final Path BIN =
            Path.of(System.getProperty("faults.postgres", "/usr/lib/postgresql/15/bin"));
    private static final String PASSWORD = "installed";

    private final Path folder;
    private final int port;
    private final Thread hook = new Thread(this::end, "installed-postgres-end");

    private InstalledPostgres(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    /** Whether the package is there. */
    public static boolean isInstalled() {
        return Files.isExecutable(BIN.resolve("initdb"))
                && Files.isExecutable(BIN.resolve("pg_dump"));
    }

    /** What to do where it is not. */
    public static String missing() {
        return "there is no PostgreSQL with pg_dump in %s; install postgresql-15, or name another folder with -Dfaults.postgres="
                .formatted(BIN);
    }

    /** Whether the tests may mount file systems. */
    public static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** Makes a cluster and starts it. */
    public static InstalledPostgres start() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("db-migrate-postgres-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        InstalledPostgres made = new InstalledPostgres(folder, freePort());
        Runtime.getRuntime().addShutdownHook(made.hook);
        made.make("server");
        Path password = Files.writeString(folder.resolve("password"), PASSWORD);
        made.run(
                "initdb",
                "--pgdata=" + made.data(),
                "--username=postgres",
                "--auth=scram-sha-256",
                "--pwfile=" + password,
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C.UTF-8");
        made.startAgain();
        return made;
    }

    /** Makes a folder beside the data that the server may write to. */
    public Path make(String name) throws IOException {
        Path made = Files.createDirectory(folder.resolve(name));
        own(made);
        return made;
    }

    /** Starts it again with TLS, and with this certificate alone. */
    public void startWithTls(TestAuthority.Issued issued) throws IOException, InterruptedException {
        stopImmediately();
        startAgain(
                "ssl=on",
                "ssl_cert_file=" + give("server.pem", issued.certificate()),
                "ssl_key_file=" + give("server.key", issued.key()));
    }

    /** Writes a file that nobody but the server reads. */
    private Path give(String name, byte[] content) throws IOException {
        Path file = folder.resolve("server").resolve(name);
        Files.deleteIfExists(file);
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(file, content);
        own(file);
        return file;
    }

    private void own(Path file) throws IOException {
        if (isRoot()) {
            Files.setOwner(
                    file,
                    file.getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByName("postgres"));
        }
    }

    public Path data() {
        return folder.resolve("server/data");
    }

    public int port() {
        return port;
    }

    /** The password of the superuser. */
    public static String password() {
        return PASSWORD;
    }

    /** A URL with which the superuser logs in through this or another port. */
    public String url(int throughPort, String database) {
        return "postgresql://postgres:%s@127.0.0.1:%d/%s"
                .formatted(PASSWORD, throughPort, database);
    }

    /** A session of the superuser; whoever asks for it closes it. */
    public Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/%s?ApplicationName=faults"
                        .formatted(port, database),
                "postgres",
                PASSWORD);
    }

    /** SIGQUIT to every process of it: nothing is written, and the next start recovers. */
    public void stopImmediately() throws IOException, InterruptedException {
        run("pg_ctl", "--pgdata=" + data(), "--mode=immediate", "--wait", "stop");
    }

    /**
     * Returns when the server takes sessions, or as many as it ever will.
     *
     * @param settings more of them, as {@code name=value}
     */
    public void startAgain(String... settings) throws IOException, InterruptedException {
        // The machine does not crash here, so that nothing needs to reach the disk.
        StringBuilder options =
                new StringBuilder(
                        "-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300 -c fsync=off -c timezone=Asia/Kathmandu"
                                .formatted(port));
        for (String setting : settings) {
            options.append(" -c ").append(setting);
        }
        run(
                "pg_ctl",
                "--pgdata=" + data(),
                "--log=" + folder.resolve("server/log"),
                "--options=" + options,
                "--wait",
                "start");
    }

    /** Runs a program of the package. */
    public void run(String program, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(List.of("runuser", "-u", "postgres", "--"));
        }
        command.add(BIN.resolve(program).toString());
        command.addAll(List.of(arguments));
        Path output = folder.resolve("output");
        int status =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start()
                        .waitFor();
        if (status != 0) {
            throw new IOException("%s: %d %s".formatted(program, status, Files.readString(output)));
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
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
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(f -> f.delete());
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
