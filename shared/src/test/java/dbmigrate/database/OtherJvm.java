package dbmigrate.database;

import dbmigrate.settings.Environment;
import dbmigrate.settings.ServerSettings;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A JVM that logs in as a function does, by the variables that it is given. It knows no host but
 * those of a file, which are all this machine, and no credentials of AWS but those in its
 * variables.
 */
final class OtherJvm {
    /** Libraries may print something too. */
    private static final String MARK = "it ended so: ";

    private final Path hosts;
    private final Path firstOnTheClassPath;

    /**
     * @param folder of the test's own; what stands in its folder {@code classes} is found before
     *     the package's own
     */
    OtherJvm(Path folder, String... names) throws IOException {
        hosts =
                Files.writeString(
                        folder.resolve("hosts"), "127.0.0.1 " + String.join(" ", names) + "\n");
        firstOnTheClassPath = folder.resolve("classes");
    }

    /** Has it log in and says how that ended: who logged in and whether by TLS, or why not. */
    String login(Map<String, String> variables) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Djdk.net.hosts.file=" + hosts);
        command.add("-Duser.home=" + hosts.getParent());
        command.add("-cp");
        command.add(
                firstOnTheClassPath + File.pathSeparator + System.getProperty("java.class.path"));
        command.add(OtherJvm.class.getName());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
        // Else the SDK asks the network of a machine at Amazon for a role.
        builder.environment().put("AWS_EC2_METADATA_DISABLED", "true");
        builder.environment().putAll(variables);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        int end = said.indexOf(MARK);
        if (end < 0) {
            throw new IllegalStateException(said);
        }
        return said.substring(end + MARK.length()).strip();
    }

    /** Prints how it ended. */
    public static void main(String[] arguments) throws Exception {
        Environment environment = new Environment(System.getenv());
        ServerSettings settings = ServerSettings.read(environment).orElseThrow();
        String sql = "select session_user, ssl from pg_stat_ssl where pid = pg_backend_pid()";
        try (Connection connection =
                        Connector.connect(settings.processUrl(), SessionSettings.forRows());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            System.out.println(MARK + row.getString(1) + " ssl=" + row.getString(2));
        } catch (SQLException e) {
            System.out.println(
                    MARK
                            + ConnectionFailure.of(e).map(Enum::name).orElse("other")
                            + ": "
                            + e.getMessage()
                            + ": "
                            + root(e));
        }
    }

    private static Throwable root(Throwable failure) {
        return failure.getCause() == null ? failure : root(failure.getCause());
    }
}
