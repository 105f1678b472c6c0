package dbmigrate.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dbmigrate.testing.MotoServer;
import dbmigrate.testing.RandomPasswords;
import dbmigrate.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** A secret in Secrets Manager, and a role whose password is changed as a rotation does it. */
@Tag("database")
@Timeout(120)
class SecretCredentialsTest {
    private static final int PASSWORDS = Integer.getInteger("secret.passwords", 500);

    private static MotoServer moto;

    private final TestPostgres postgres = TestPostgres.shared();
    private final String role = postgres.newName("rotated");
    private final List<Login> tried = new ArrayList<>();
    private String arn;
    private SecretCredentials credentials;
    private Instant now = Instant.now();

    @BeforeAll
    static void startMoto() throws Exception {
        moto = MotoServer.start(SecretCredentialsTest.class);
        moto.serveThisJvm();
    }

    @AfterAll
    static void stopMoto() {
        if (moto != null) {
            moto.close();
        }
    }

    @BeforeEach
    void create() {
        postgres.execute("postgres", "create role %s login password 'first'".formatted(role));
        arn = moto.secret(secret("first"));
        credentials = credentials(arn);
    }

    @Test
    void secretOfRdsLogsIn() throws SQLException {
        assertEquals(role, open());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"5433\"", "5433", "null"})
    void secretOfARotationTemplateLogsInWhereTheUrlSays(String port) throws SQLException {
        moto.set(
                arn,
                """
                {"engine": "postgres", "host": "other.invalid", "port": %s, "dbname": "other",
                 "username": "%s", "password": "first", "masterarn": null, "more": [{}]}
                """
                        .formatted(port, role));
        assertEquals(role, open());
    }

    @Test
    void userAndPasswordOfTheUrlGiveWay() throws SQLException {
        String url = postgres.url("nobody", "wrong", "postgres");
        try (Connection connection =
                Connector.connect(DatabaseUrl.parse(url, credentials), SessionSettings.forRows())) {
            assertEquals(role, user(connection));
        }
        assertEquals(role, credentials.user());
    }

    @Test
    void secretIsReadAgainAfterAMinute() throws Exception {
        try (MotoServer own = MotoServer.start(SecretCredentialsTest.class)) {
            own.serveThisJvm();
            credentials = credentials(own.secret(secret("first")));
            open();
        } finally {
            moto.serveThisJvm();
        }
        now = now.plus(SecretCredentials.TIME_TO_LIVE).minusMillis(1);
        assertEquals(role, open());
        now = now.plusMillis(1);
        SecretException failure = assertThrows(SecretException.class, this::open);
        assertEquals(ConnectionFailure.SECRET_UNAVAILABLE, failure.kind());
    }

    @Test
    void forgottenSecretIsReadAgain() throws Exception {
        try (MotoServer own = MotoServer.start(SecretCredentialsTest.class)) {
            own.serveThisJvm();
            credentials = credentials(own.secret(secret("first")));
            open();
        } finally {
            moto.serveThisJvm();
        }
        assertEquals(role, open());
        credentials.forget();
        SecretException failure = assertThrows(SecretException.class, this::open);
        assertEquals(ConnectionFailure.SECRET_UNAVAILABLE, failure.kind());
    }

    @Test
    void rotationIsFollowedAtOnce() throws SQLException {
        open();
        moto.stage(arn, secret("second"));
        password("second");
        moto.promote(arn);
        assertEquals(role, open());
        assertEquals(List.of("first", "first", "second"), passwords());
    }

    @Test
    void passwordThatIsNotCurrentYetLogsInAndIsKept() throws SQLException {
        open();
        moto.stage(arn, secret("second"));
        password("second");
        assertEquals(role, open());
        assertEquals(role, open());
        assertEquals(List.of("first", "first", "second", "second"), passwords());
        moto.promote(arn);
        now = now.plus(SecretCredentials.TIME_TO_LIVE);
        assertEquals(role, open());
    }

    @Test
    void passwordThatTheServerGetsLaterThanTheSecretLogsInAfterAPause() throws SQLException {
        moto.set(arn, secret("second"));
        assertEquals(
                role,
                open(login -> {
                    if (tried.size() == 2) {
                        password("second");
                    }
                    return connect(login);
                }));
        assertEquals(List.of("second", "second"), passwords());
    }

    @Test
    void userThatMayNotLogInAnyMoreIsReplaced() throws SQLException {
        open();
        String other = postgres.newName("other");
        postgres.execute(
                "postgres",
                "create role %s login password 'second'; alter role %s nologin"
                        .formatted(other, role));
        moto.set(arn, MotoServer.ofRds(other, "second"));
        assertEquals(other, open());
        assertEquals(other, credentials.user());
    }

    @Test
    void passwordThatStaysWrongIsRefusedAfterFourLooks() {
        moto.set(arn, secret("wrong"));
        SQLException refusal = assertThrows(SQLException.class, this::open);
        assertEquals("28P01", refusal.getSQLState());
        assertEquals(
                Optional.of(ConnectionFailure.PASSWORD_REFUSED), ConnectionFailure.of(refusal));
        assertEquals(List.of("wrong", "wrong", "wrong", "wrong"), passwords());
    }

    @Test
    void bothVersionsAreTriedAtEachLookAndNoMore() {
        moto.set(arn, secret("wrong"));
        moto.stage(arn, secret("false"));
        assertThrows(SQLException.class, this::open);
        assertEquals(
                List.of("wrong", "false", "wrong", "false", "wrong", "false", "wrong", "false"),
                passwords());
    }

    @Test
    void versionThatIsPendingNeedHoldNoLogin() {
        password("changed");
        moto.stage(arn, "{}");
        SQLException refusal = assertThrows(SQLException.class, this::open);
        assertEquals("28P01", refusal.getSQLState());
        assertEquals(List.of("first", "first", "first", "first"), passwords());
    }

    @Test
    void nothingIsTriedOnceTheTimeIsOver() {
        moto.set(arn, secret("wrong"));
        assertThrows(SQLException.class, () -> open(this::connect, System.nanoTime() - 1));
        assertEquals(List.of("wrong"), passwords());
    }

    /** 28000 too, and nothing that another password would change. */
    @Test
    void serverThatLetsNobodyInIsAskedOnce() {
        SQLException refusal =
                assertThrows(
                        SQLException.class,
                        () ->
                                open(login -> {
                                    Properties properties = url(login).properties(login);
                                    PGProperty.REPLICATION.set(properties, "true");
                                    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "9.4");
                                    PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
                                    return new Driver().connect(url(login).jdbcUrl(), properties);
                                }));
        assertEquals("28000", refusal.getSQLState());
        assertEquals(List.of("first"), passwords());
    }

    @Test
    void everyPrintableCharacterMayStandInAPassword() throws SQLException {
        List<String> passwords = new ArrayList<>(List.of(" ", "%20+&=#"));
        passwords.addAll(RandomPasswords.of(PASSWORDS));
        for (String password : passwords) {
            password(password);
            moto.set(arn, secret(password));
            credentials = credentials(arn);
            assertEquals(role, open(), password);
        }
    }

    @Test
    void passwordIsInNothingThatIsPrinted() throws SQLException {
        DatabaseUrl url = DatabaseUrl.parse("postgresql://h/db", credentials);
        open();
        String printed = "%s %s %s".formatted(credentials, url, tried);
        assertFalse(printed.contains("first"), printed);
    }

    private SecretCredentials credentials(String ofArn) {
        return new SecretCredentials(SecretArn.parse(ofArn), () -> now);
    }

    private String secret(String password) {
        return MotoServer.ofRds(role, password);
    }

    private void password(String password) {
        postgres.execute(
                "postgres",
                "alter role %s password '%s'".formatted(role, password.replace("'", "''")));
    }

    /** Opens a session and closes it; returns who logged in. */
    private String open() throws SQLException {
        return open(this::connect);
    }

    private String open(Credentials.Opening opening) throws SQLException {
        return open(opening, System.nanoTime() + Connector.PATIENCE.toNanos());
    }

    private String open(Credentials.Opening opening, long deadline) throws SQLException {
        try (Connection connection =
                credentials.open(
                        login -> {
                            tried.add(login);
                            return opening.with(login);
                        },
                        deadline)) {
            return user(connection);
        }
    }

    private Connection connect(Login login) throws SQLException {
        return Connector.connect(url(login), SessionSettings.forRows());
    }

    private DatabaseUrl url(Login login) {
        return DatabaseUrl.parse(
                "postgresql://%s:%d/postgres".formatted(postgres.host(), postgres.port()), login);
    }

    private static String user(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select session_user")) {
            row.next();
            return row.getString(1);
        }
    }

    private List<String> passwords() {
        return tried.stream().map(login -> login.password().orElseThrow().reveal()).toList();
    }
}
