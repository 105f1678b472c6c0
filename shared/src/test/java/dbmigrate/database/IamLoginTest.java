package dbmigrate.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dbmigrate.testing.InstalledPostgres;
import dbmigrate.testing.TestAuthority;
import dbmigrate.testing.TestDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A PostgreSQL with TLS under a name of RDS that has what arrives as the password judged by a rule:
 * here by the token's signature, its host and its user, as RDS does it. RDS itself was not asked.
 */
@Tag("installed")
@Timeout(180)
class IamLoginTest {
    private static final String HOST = "app.cluster-abc.xx-test-1.rds.amazonaws.com";
    private static final String KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    @TempDir static Path folder;

    private static final List<String> ARRIVED = new CopyOnWriteArrayList<>();
    private static InstalledPostgres server;
    private static TestDirectory directory;
    private static OtherJvm functions;

    @BeforeAll
    static void start() throws Exception {
        String reason = "IamLoginTest is left out: " + InstalledPostgres.missing();
        if (!InstalledPostgres.isInstalled()) {
            System.out.println(reason);
        }
        assumeTrue(InstalledPostgres.isInstalled(), reason);
        TestAuthority region = TestAuthority.make(folder, "region");
        Path roots =
                Files.createDirectories(folder.resolve("classes/dbmigrate/database/rds-roots"));
        Files.write(roots.resolve("xx-test-1.der"), region.der());
        functions = new OtherJvm(folder, HOST);
        server = InstalledPostgres.start();
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("create role app_user login");
        }
        directory = TestDirectory.start(IamLoginTest::isRight);
        Files.writeString(
                server.data().resolve("pg_hba.conf"),
                """
                host    all postgres all scram-sha-256
                hostssl all all      all ldap ldapserver=127.0.0.1 ldapport=%d ldapprefix="" ldapsuffix=""
                """
                        .formatted(directory.port()));
        server.startWithTls(region.issue(HOST));
    }

    @AfterAll
    static void stop() throws Exception {
        if (directory != null) {
            directory.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @Test
    void tokenLogsInByTlsWithNothingToConfigure() throws Exception {
        int before = ARRIVED.size();
        assertEquals("app_user ssl=t", login("", Map.of()));
        assertEquals(before + 1, ARRIVED.size());
    }

    @Test
    void tokenThatTheServerRefusesIsSaidWithWhatToCheck() throws Exception {
        String said = login("", Map.of("AWS_SECRET_ACCESS_KEY", "another"));
        assertTrue(said.startsWith("TOKEN_REFUSED: the server refuses the token for user"), said);
        assertTrue(said.contains("rds_iam") && said.contains("rds-db:connect"), said);
        assertFalse(said.contains("X-Amz"), said);
    }

    @Test
    void functionWithoutCredentialsIsToldSo() throws Exception {
        String said = login("", Map.of("AWS_ACCESS_KEY_ID", ""));
        assertTrue(said.contains("TOKEN_UNAVAILABLE: no token for user app_user"), said);
        assertTrue(said.contains("has a role"), said);
    }

    @Test
    void tokenIsNotSentToAServerOfAnotherRoot() throws Exception {
        int before = ARRIVED.size();
        String root = TestAuthority.make(folder, "another").root().toString();
        String said = login("?sslrootcert=" + root, Map.of());
        assertTrue(said.startsWith("TLS_REFUSED: "), said);
        assertEquals(before, ARRIVED.size());
    }

    private static boolean isRight(String user, String password) {
        ARRIVED.add(password);
        SignedToken token = SignedToken.parse(password);
        return token.isSignedWith(KEY)
                && token.address().equals(HOST + ":" + server.port())
                && token.value("DBUser").equals(user);
    }

    private static String login(String query, Map<String, String> variables) throws Exception {
        Map<String, String> all = new HashMap<>();
        all.put("DATABASE_AUTH", "iam");
        all.put(
                "DATABASE_URL",
                "postgresql://app_user@%s:%d/postgres%s".formatted(HOST, server.port(), query));
        all.put("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
        all.put("AWS_SECRET_ACCESS_KEY", KEY);
        all.putAll(variables);
        return functions.login(all);
    }
}
