package dbmigrate.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.database.Connector;
import dbmigrate.database.SessionSettings;
import dbmigrate.testing.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which classes a function loads, in a JVM of its own. */
@Tag("database")
@Timeout(60)
class ColdStartTest {
    private static final String SDK = " software.amazon.awssdk.";
    private static final String ARN =
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app-AbCdEf";

    @Test
    void sessionWithAPasswordOfTheUrlLoadsNothingOfTheSdk() throws Exception {
        String loaded = loaded(TestPostgres.shared().url("postgres"), "", "connect");
        assertTrue(loaded.contains(" org.postgresql.Driver "), loaded);
        assertFalse(loaded.contains(" dbmigrate.database.RdsRoots "), loaded);
        assertFalse(loaded.contains(SDK), loaded);
    }

    @Test
    void settingsReadNoSecret() throws Exception {
        String loaded = loaded("postgresql://127.0.0.1/app", ARN, "read");
        assertTrue(loaded.contains(" dbmigrate.database.SecretCredentials "), loaded);
        assertFalse(loaded.contains(SDK), loaded);
    }

    private static String loaded(String... arguments) throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xlog:class+load",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Start.class.getName(),
                                arguments[0],
                                arguments[1],
                                arguments[2])
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    /** Reads the settings, as every function does, and opens a session if it is told to. */
    static final class Start {
        private Start() {}

        public static void main(String[] arguments) throws Exception {
            Environment environment =
                    new Environment(
                            Map.of(
                                    "DATABASE_URL", arguments[0],
                                    "DATABASE_SECRET_ARN", arguments[1]));
            ServerSettings settings = ServerSettings.read(environment).orElseThrow();
            environment.verify();
            if (arguments[2].equals("connect")) {
                try (Connection connection =
                        Connector.connect(settings.processUrl(), SessionSettings.forRows())) {
                    connection.createStatement().execute("select 1");
                }
            }
        }
    }
}
