package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dbmigrate.process.ProcessConnection;
import dbmigrate.testing.MotoServer;
import dbmigrate.testing.RandomPasswords;
import dbmigrate.testing.TestPostgres;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * From the worker's variables to its sessions, with the rows and with the target: passwords of
 * every printable character log in, and none is printed.
 */
@Tag("database")
@Timeout(1800)
class PasswordsTest {
    private static final int PASSWORDS = Integer.getInteger("secret.passwords", 500);
    private static final TestPostgres POSTGRES = TestPostgres.shared();

    private final List<String> passwords = RandomPasswords.of(PASSWORDS);
    private final String role = POSTGRES.newName("changed");
    private final PrintStream out = System.out;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    @BeforeEach
    void create() {
        POSTGRES.execute("postgres", "create role %s superuser login".formatted(role));
        System.setOut(new PrintStream(log, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void noPasswordIsWrittenAnywhere() {
        System.setOut(out);
        POSTGRES.execute("postgres", "drop role " + role);
        String written = log.toString(StandardCharsets.UTF_8);
        passwords.forEach(password -> assertFalse(written.contains(password), password));
    }

    @Test
    void everyPasswordOfAUrlLogsIn() throws SQLException {
        for (String password : passwords) {
            change(password);
            logIn(password, Map.of("DATABASE_URL", POSTGRES.url(role, password, "postgres")));
        }
    }

    @Test
    void everyPasswordOfASecretLogsIn() throws Exception {
        try (MotoServer moto = MotoServer.start(PasswordsTest.class)) {
            moto.serveThisJvm();
            String arn = moto.secret(MotoServer.ofRds(role, "none of them"));
            String url = "postgresql://%s:%d/postgres".formatted(POSTGRES.host(), POSTGRES.port());
            for (String password : passwords) {
                change(password);
                moto.set(arn, MotoServer.ofRds(role, password));
                logIn(password, Map.of("DATABASE_URL", url, "DATABASE_SECRET_ARN", arn));
            }
        }
    }

    private void logIn(String password, Map<String, String> variables) throws SQLException {
        WorkerSettings settings = WorkerSettings.withoutQueue(new HashMap<>(variables));
        try (ProcessConnection rows = new ProcessConnection(settings.server());
                Connection target =
                        new TargetDatabase(settings, settings.server().url().database())
                                .open()
                                .connection();
                ResultSet user = target.createStatement().executeQuery("select session_user")) {
            user.next();
            assertEquals(role, user.getString(1), password);
            assertEquals(
                    role,
                    rows.call(connection -> {
                        try (ResultSet row =
                                connection.createStatement().executeQuery("select session_user")) {
                            row.next();
                            return row.getString(1);
                        }
                    }),
                    password);
        }
    }

    private void change(String password) {
        POSTGRES.execute(
                "postgres",
                "alter role %s password '%s'".formatted(role, password.replace("'", "''")));
    }
}
