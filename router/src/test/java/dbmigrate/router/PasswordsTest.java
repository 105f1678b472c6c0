package dbmigrate.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dbmigrate.process.ProcessConnection;
import dbmigrate.process.Processes;
import dbmigrate.testing.MotoServer;
import dbmigrate.testing.RandomPasswords;
import dbmigrate.testing.TestPostgres;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * From the router's variables to its session: passwords of every printable character log in, and
 * none is printed.
 */
@Tag("database")
@Timeout(1800)
class PasswordsTest {
    private static final int PASSWORDS = Integer.getInteger("secret.passwords", 500);
    private static final TestPostgres POSTGRES = TestPostgres.shared();

    private final List<String> passwords = RandomPasswords.of(PASSWORDS);
    private final String role = POSTGRES.newName("changed");
    private final String maintenance = POSTGRES.newName("maintenance");
    private final PrintStream out = System.out;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    @BeforeEach
    void create() {
        POSTGRES.execute("postgres", "create role %s login".formatted(role));
        POSTGRES.execute("postgres", "create database %s owner %s".formatted(maintenance, role));
        System.setOut(new PrintStream(log, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void noPasswordIsWrittenAnywhere() {
        System.setOut(out);
        POSTGRES.execute("postgres", "drop database %s with (force)".formatted(maintenance));
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

    /** A new session each time: what is kept while the router is warm would hide a refusal. */
    private void logIn(String password, Map<String, String> variables) throws SQLException {
        Map<String, String> all = new HashMap<>(variables);
        all.put("MIGRATION_QUEUE_URL", "http://127.0.0.1:1/queue.fifo");
        all.put("AWS_REGION", "eu-west-1");
        all.put("PROCESS_DATABASE", maintenance);
        RouterSettings settings = RouterSettings.read(all);
        try (ProcessConnection rows = new ProcessConnection(settings.server())) {
            assertEquals(
                    Optional.empty(),
                    new Processes(rows, "passwords").find(UUID.randomUUID()),
                    password);
        }
    }

    private void change(String password) {
        POSTGRES.execute(
                "postgres",
                "alter role %s password '%s'".formatted(role, password.replace("'", "''")));
    }
}
