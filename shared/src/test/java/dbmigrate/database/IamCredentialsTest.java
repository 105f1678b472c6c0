package dbmigrate.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What takes the password's place; {@link IamLoginTest} logs in with it. */
@Timeout(60)
class IamCredentialsTest {
    private static final String HOST = "app.cluster-abc.eu-west-1.rds.amazonaws.com";
    private static final String KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    private final Properties before = System.getProperties();

    @BeforeEach
    void giveCredentials() {
        Properties own = new Properties();
        own.putAll(before);
        own.setProperty("aws.accessKeyId", "AKIDEXAMPLE");
        own.setProperty("aws.secretAccessKey", KEY);
        own.setProperty("aws.sessionToken", "session/+=");
        System.setProperties(own);
    }

    @AfterEach
    void takeThem() {
        System.setProperties(before);
    }

    @Test
    void tokenIsARequestToConnectThatIsSignedForAQuarterOfAnHour() throws SQLException {
        Instant began = Instant.now().minusSeconds(1);
        SignedToken token =
                SignedToken.parse(token("postgresql://App_User@" + HOST + ":6543/app", "ignored"));
        assertEquals(HOST + ":6543", token.address());
        assertEquals("connect", token.value("Action"));
        assertEquals("App_User", token.value("DBUser"));
        assertEquals("AWS4-HMAC-SHA256", token.value("X-Amz-Algorithm"));
        // The SDK counts from a moment after that of the signature.
        assertTrue(List.of("900", "899").contains(token.value("X-Amz-Expires")), token::toString);
        assertEquals("host", token.value("X-Amz-SignedHeaders"));
        assertEquals("session/+=", token.value("X-Amz-Security-Token"));
        String[] scope = token.value("X-Amz-Credential").split("/", 3);
        assertEquals("AKIDEXAMPLE", scope[0]);
        assertEquals("eu-west-1/rds-db/aws4_request", scope[2]);
        Instant signed =
                DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssX")
                        .withZone(ZoneOffset.UTC)
                        .parse(token.value("X-Amz-Date"), Instant::from);
        assertFalse(signed.isBefore(began), signed::toString);
        assertTrue(token.isSignedWith(KEY));
        assertFalse(token.isSignedWith("another"));
    }

    @Test
    void regionOfTheFunctionIsThatOfAHostThatSaysNone() throws SQLException {
        String url = "postgresql://u@db.example.org/app?sslmode=verify-full";
        SignedToken token = SignedToken.parse(token(url, "us-gov-west-1"));
        assertTrue(
                token.value("X-Amz-Credential").endsWith("/us-gov-west-1/rds-db/aws4_request"),
                token::toString);
    }

    /** A token holds its second, so that those of one second are alike. */
    @Test
    void everySessionGetsATokenOfItsOwn() throws SQLException {
        DatabaseUrl url = DatabaseUrl.parse("postgresql://u@" + HOST + "/app");
        Credentials credentials = url.withTokens(Optional.empty()).credentials();
        String first = opened(credentials);
        String next = first;
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (next.equals(first) && System.nanoTime() < end) {
            next = opened(credentials);
        }
        assertNotEquals(first, next);
    }

    /** Columns: the URL; words of the refusal. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    postgresql://u:hunter2@HOST/app                | take it out
                    postgresql://HOST/app                          | user
                    postgresql://u@HOST,HOST/app                   | writer endpoint
                    postgresql://u@HOST/app?sslmode=disable        | sslmode
                    postgresql://u@HOST/app?sslmode=allow          | sslmode
                    postgresql://u@HOST/app?sslmode=prefer         | sslmode
                    postgresql://u@HOST/app?ssl=false              | sslmode
                    postgresql://u@db.example.org/app              | sslmode
                    postgresql://u@db.example.org/app?ssl=true     | AWS_REGION
                    """)
    void urlThatFitsNoTokenIsRefusedByName(String url, String words) {
        String said =
                String.valueOf(
                        assertThrows(
                                        InvalidDatabaseUrlException.class,
                                        () ->
                                                DatabaseUrl.parse(url.replace("HOST", HOST))
                                                        .withTokens(Optional.empty()))
                                .getMessage());
        assertTrue(said.contains(words), said);
        assertFalse(said.contains("hunter2"), said);
    }

    @Test
    void refusalOfTheServerSaysWhatToCheck() {
        Credentials credentials =
                DatabaseUrl.parse("postgresql://app_user@" + HOST + "/app")
                        .withTokens(Optional.empty())
                        .credentials();
        for (String state : List.of("28000", "28P01")) {
            TokenException refusal =
                    assertThrows(
                            TokenException.class,
                            () -> open(credentials, new SQLException("PAM", state)));
            assertEquals(state, refusal.getSQLState());
            assertEquals(
                    Optional.of(ConnectionFailure.TOKEN_REFUSED), ConnectionFailure.of(refusal));
            String said = String.valueOf(refusal.getMessage());
            for (String check :
                    List.of(
                            "rds_iam",
                            "rds-db:connect on arn:aws:rds-db:eu-west-1:",
                            "/app_user",
                            "clock")) {
                assertTrue(said.contains(check), said);
            }
            assertFalse(said.contains("X-Amz"), said);
        }
        SQLException other =
                assertThrows(
                        SQLException.class,
                        () -> open(credentials, new SQLException("full", "53300")));
        assertEquals("full", other.getMessage());
    }

    @Test
    void tokenIsInNothingThatIsPrinted() throws SQLException {
        DatabaseUrl url =
                DatabaseUrl.parse("postgresql://u@" + HOST + "/app").withTokens(Optional.empty());
        List<Login> logins = new ArrayList<>();
        open(url.credentials(), logins);
        String printed = "%s %s %s".formatted(url, url.credentials(), logins);
        assertFalse(printed.contains("X-Amz"), printed);
    }

    private static String token(String url, String region) throws SQLException {
        return opened(DatabaseUrl.parse(url).withTokens(Optional.of(region)).credentials());
    }

    private static String opened(Credentials credentials) throws SQLException {
        List<Login> logins = new ArrayList<>();
        open(credentials, logins);
        return logins.getFirst().password().orElseThrow().reveal();
    }

    private static void open(Credentials credentials, SQLException refusal) throws SQLException {
        credentials.open(
                _ -> {
                    throw refusal;
                },
                Long.MAX_VALUE);
    }

    /** Nothing is opened: only what would log in is noted. */
    private static void open(Credentials credentials, List<Login> logins) {
        SQLException noted = new SQLException("noted", "08001");
        assertThrows(
                SQLException.class,
                () ->
                        credentials.open(
                                login -> {
                                    logins.add(login);
                                    throw noted;
                                },
                                Long.MAX_VALUE));
    }
}
