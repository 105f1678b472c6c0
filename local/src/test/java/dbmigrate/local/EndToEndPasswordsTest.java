package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dbmigrate.testing.MotoServer;
import dbmigrate.testing.RandomPasswords;
import dbmigrate.testing.TestPostgres;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packages log in with passwords of every printable character, and write none of them anywhere:
 * neither into what they print, nor a row, nor an answer. {@code -Dsecret.passwords=500} and {@code
 * -Durl.passwords=500} are the long forms.
 */
@Tag("database")
@Timeout(7200)
class EndToEndPasswordsTest {
    private static final int OF_A_SECRET = Integer.getInteger("secret.passwords", 25);
    private static final int OF_A_URL = Integer.getInteger("url.passwords", 3);
    private static final TestPostgres POSTGRES = TestPostgres.shared();

    @TempDir Path folder;

    private final String role = POSTGRES.newName("changed");
    private final String maintenance = POSTGRES.newName("maintenance");
    private final String database = RunningSystem.newDatabase();
    private final List<String> answers = new ArrayList<>();
    private Printed printed;

    @BeforeEach
    void create() {
        POSTGRES.execute("postgres", "create role %s login createdb".formatted(role));
        POSTGRES.execute("postgres", "create database %s owner %s".formatted(maintenance, role));
        new MigrationFolder(folder).with("V1__one.sql", "create table one ();");
        printed = new Printed();
    }

    @AfterEach
    void stop() {
        printed.close();
    }

    /** Router and worker are warm, and log in anew with each. */
    @Test
    void everyPasswordOfASecretLogsInAndIsWrittenNowhere() throws Exception {
        List<String> passwords = RandomPasswords.of(OF_A_SECRET);
        try (MotoServer moto = MotoServer.start(EndToEndPasswordsTest.class)) {
            password(passwords.getFirst());
            String arn = moto.secret(MotoServer.ofRds(role, passwords.getFirst()));
            Map<String, String> variables =
                    Map.of(
                            "DATABASE_SECRET_ARN", arn,
                            "AWS_ENDPOINT_URL_SECRETS_MANAGER", moto.endpoint().toString(),
                            "PROCESS_DATABASE", maintenance);
            String url =
                    "postgresql://%s:%d/%s".formatted(POSTGRES.host(), POSTGRES.port(), database);
            try (RunningSystem system = RunningSystem.start(url, folder, variables)) {
                for (String password : passwords) {
                    password(password);
                    moto.set(arn, MotoServer.ofRds(role, password));
                    endSessions();
                    assertMigrates(system, password);
                }
                password("another one");
                endSessions();
                assertRefused(system);
            }
        }
        assertWrittenNowhere(passwords);
    }

    /** Functions read their variables once: each password is that of new ones. */
    @Test
    void everyPasswordOfAUrlLogsInAndIsWrittenNowhere() throws Exception {
        List<String> passwords = RandomPasswords.of(OF_A_URL);
        for (String password : passwords) {
            password(password);
            String url = POSTGRES.url(role, password, database);
            try (RunningSystem system =
                    RunningSystem.start(url, folder, Map.of("PROCESS_DATABASE", maintenance))) {
                assertMigrates(system, password);
                password("another one");
                endSessions();
                assertRefused(system);
            }
        }
        assertWrittenNowhere(passwords);
    }

    private void assertMigrates(RunningSystem system, String password) {
        var answer = system.post("{}", "Prefer", "wait=20");
        answers.add(answer.toString());
        var process =
                answer.status() == 202 ? system.ended(answer.member("processId")) : answer.json();
        answers.add(process.toString());
        assertEquals(
                "COMPLETED",
                process.at("/state").asText(),
                () -> "%s: %s".formatted(password, process.toPrettyString()));
    }

    private void assertRefused(RunningSystem system) {
        var answer = system.get("/db-migrate");
        answers.add(answer.toString());
        assertEquals("PASSWORD_REFUSED", answer.member("code"), answer::toString);
    }

    private void assertWrittenNowhere(List<String> passwords) {
        List<String> written = new ArrayList<>(answers);
        int count = written.size();
        written.addAll(printed.lines());
        assertFalse(written.size() == count, "nothing was printed");
        count = written.size();
        for (String table : List.of("process", "event", "migration", "unsettled")) {
            written.addAll(
                    POSTGRES.query(
                            maintenance,
                            "select to_jsonb(t) from db_migrate.%s t".formatted(table)));
        }
        assertFalse(written.size() == count, "no row was written");
        String all = String.join("\n", written);
        for (String password : passwords) {
            for (String form : forms(password)) {
                assertFalse(all.contains(form), () -> "written: " + form);
            }
        }
        System.out.println(
                "passwords: %d, lines, rows and answers: %d, none holds one of them"
                        .formatted(passwords.size(), written.size()));
    }

    /** As it is, as it stands in a URL, as it stands in JSON, and its middle. */
    private static List<String> forms(String password) {
        String encoded = URLEncoder.encode(password, StandardCharsets.UTF_8);
        int middle = password.offsetByCodePoints(0, 3);
        return List.of(
                password,
                encoded,
                encoded.replace("+", "%20"),
                password.replace("\\", "\\\\").replace("\"", "\\\""),
                password.substring(middle, password.offsetByCodePoints(password.length(), -3)));
    }

    private void password(String text) {
        POSTGRES.execute(
                "postgres", "alter role %s password '%s'".formatted(role, text.replace("'", "''")));
    }

    private void endSessions() {
        POSTGRES.query(
                "postgres",
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = '%s'"
                        .formatted(role));
    }
}
