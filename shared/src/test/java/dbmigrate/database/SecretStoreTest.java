package dbmigrate.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dbmigrate.log.Log;
import dbmigrate.testing.MotoServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said where the secret cannot be had, or holds something else. */
@Timeout(60)
class SecretStoreTest {
    private static final String ENDPOINT = "aws.endpointUrlSecretsManager";

    private static MotoServer moto;

    @BeforeAll
    static void start() throws Exception {
        moto = MotoServer.start(SecretStoreTest.class);
    }

    @AfterAll
    static void stop() {
        if (moto != null) {
            moto.close();
        }
    }

    @BeforeEach
    void serve() {
        moto.serveThisJvm();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            textBlock =
                    """
                    hunter2                                         ; is no JSON;
                    {"username": "u", "password": "hunter2"         ; is no JSON;
                    {"username": "u", "password": hunter2}          ; is no JSON;
                    "hunter2"                                       ; is no JSON object
                    ["u", "hunter2"]                                ; is no JSON object
                    null                                            ; is no JSON object
                    {"password": "hunter2"}                         ; lacks username
                    {"username": "", "password": "hunter2"}         ; lacks username
                    {"user": "u", "password": "hunter2"}            ; lacks username
                    {"username": "u", "Password": "hunter2"}        ; lacks password
                    {"username": "u", "password": null, "x": "hunter2"} ; lacks password
                    {"username": "u", "password": ["hunter2"]}      ; lacks password
                    {"username": "u", "password": ""}               ; lacks password
                    """)
    void secretOfAnotherShapeIsRefusedByNameAndNotShown(String content, String problem) {
        String arn = moto.secret(content);
        SecretException refusal = refusal(arn);
        assertEquals(ConnectionFailure.SECRET_INVALID, refusal.kind());
        assertContains(refusal, arn + " " + problem);
        assertFalse(logged(refusal).contains("hunter2"), () -> logged(refusal));
    }

    @Test
    void binarySecretIsRefused() {
        String arn = moto.binarySecret("aHVudGVyMg==");
        SecretException refusal = refusal(arn);
        assertEquals(ConnectionFailure.SECRET_INVALID, refusal.kind());
        assertContains(refusal, arn + " is binary");
    }

    @Test
    void secretThatIsNotThereIsUnavailable() {
        String arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:none-AbCdEf";
        assertContains(unavailable(arn), "there is no secret " + arn);
    }

    @Test
    void secretThatIsMarkedForDeletionIsUnavailable() {
        String arn = moto.secret("{}");
        moto.delete(arn);
        assertContains(unavailable(arn), "(InvalidRequestException)", "marked for deletion");
    }

    @Test
    void permissionThatIsMissingIsNamed() throws Exception {
        try (MotoServer own = MotoServer.start(SecretStoreTest.class)) {
            own.serveThisJvm();
            String arn = own.secret("{}");
            own.permitNothing();
            // moto says so with the status alone, in XML.
            assertContains(unavailable(arn), arn, "secretsmanager:GetSecretValue", "kms:Decrypt");
        }
    }

    /** As the documentation of the service has its answers; moto has not all of them. */
    @ParameterizedTest
    @CsvSource({
        "400, AccessDeniedException, secretsmanager:GetSecretValue",
        "400, DecryptionFailure, kms:Decrypt",
        "400, InvalidRequestException, marked for deletion",
        "400, UnrecognizedClientException, log",
        "400, ThrottlingException, log",
        "500, InternalServiceError, log"
    })
    void answerOfTheServiceIsNamed(int status, String code, String check) throws Exception {
        HttpServer service = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        byte[] body = "{\"__type\":\"%s\",\"Message\":\"no\"}".formatted(code).getBytes();
        service.createContext(
                "/",
                exchange -> {
                    exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
                    exchange.sendResponseHeaders(status, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        service.start();
        try {
            System.setProperty(ENDPOINT, "http://127.0.0.1:" + service.getAddress().getPort());
            assertContains(unavailable(anyArn()), anyArn(), "(" + code + ")", check);
        } finally {
            service.stop(0);
        }
    }

    @Test
    void networkWithoutARouteIsUnavailable() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            System.setProperty(ENDPOINT, "http://127.0.0.1:" + socket.getLocalPort());
        }
        assertContains(unavailable(anyArn()), "cannot be asked", "interface endpoint", "443");
    }

    @Test
    void serviceThatNeverAnswersIsGivenUp() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            System.setProperty(ENDPOINT, "http://127.0.0.1:" + socket.getLocalPort());
            assertContains(unavailable(anyArn()), "cannot be asked");
        }
    }

    @Test
    void hostThatIsUnknownIsNoUnknownDatabase() {
        System.setProperty(ENDPOINT, "http://secretsmanager.invalid");
        assertContains(unavailable(anyArn()), "cannot be asked");
    }

    private static String anyArn() {
        return "arn:aws:secretsmanager:eu-west-1:123456789012:secret:any-AbCdEf";
    }

    private static SecretException unavailable(String arn) {
        SecretException failure = refusal(arn);
        assertEquals(
                ConnectionFailure.SECRET_UNAVAILABLE, ConnectionFailure.of(failure).orElseThrow());
        assertTrue(SqlState.mayPass(String.valueOf(failure.getSQLState())));
        return failure;
    }

    private static SecretException refusal(String arn) {
        SecretStore store = new SecretStore(SecretArn.parse(arn));
        return assertThrows(SecretException.class, store::current);
    }

    private static void assertContains(SecretException failure, String... words) {
        for (String word : words) {
            String message = String.valueOf(failure.getMessage());
            assertTrue(message.contains(word), message);
        }
    }

    /** The whole chain of causes, as a function's log has it. */
    private static String logged(SecretException failure) {
        PrintStream out = System.out;
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
        try {
            new Log(Map.of()).error("it failed", failure);
        } finally {
            System.setOut(out);
        }
        return written.toString(StandardCharsets.UTF_8);
    }
}
