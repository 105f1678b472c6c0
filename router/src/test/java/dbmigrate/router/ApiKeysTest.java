package dbmigrate.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.log.Log;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeysTest {
    private static final String OLD = "old-0123456789abcdef0123456789abcdef";
    private static final String NEW = "new-0123456789abcdef0123456789abcdef";
    private static final String BOTH = "{\"old\":\"%s\",\"new\":\"%s\"}".formatted(OLD, NEW);
    private static final Log LOG = new Log(Map.of());

    @Test
    void severalKeysAreValidAtOnce() {
        ApiKeys keys = ApiKeys.read(BOTH, LOG);
        assertEquals(Optional.of("key:old"), keys.identityOf(OLD));
        assertEquals(Optional.of("key:new"), keys.identityOf(NEW));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                OLD + " ",
                " " + OLD,
                OLD + "\n",
                OLD + "0",
                "old-0123456789abcdef0123456789abcde",
                "OLD-0123456789abcdef0123456789abcdef",
                OLD + "," + NEW,
                OLD + "," + OLD,
                "\"" + OLD + "\"",
                "old",
                "key:old",
            })
    void anythingElseIsNobodysKey(String sent) {
        assertEquals(Optional.empty(), ApiKeys.read(BOTH, LOG).identityOf(sent));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            textBlock =
                    """
                    "weak": "hunter2"                                    ; "key":"weak"
                    "weak": ""                                           ; "key":"weak"
                    "weak": null                                         ; "key":"weak"
                    "weak": 12345678901234567890123456789012             ; "key":"weak"
                    "weak": ["hunter2"]                                  ; "key":"weak"
                    "weak": "hunter2hunter2hunter2hunter2hunter2 "       ; "key":"weak"
                    "weak": "hunter2hunter2hunter2,hunter2hunter2"       ; "key":"weak"
                    "weak": "hunter2hunter2hunter2hunter2hünter2"        ; "key":"weak"
                    "a b": "hunter2hunter2hunter2hunter2hunter2"         ; a key's name must have
                    "a": "hunter2hunter2hunter2hunter2hunter2", "b": "hunter2hunter2hunter2hunter2hunter2" ; "keys":"a, b"
                    """)
    void keyThatIsNoneIsLeftOutAndNamedInTheLogAndTheOthersStay(String member, String logged) {
        AtomicReference<ApiKeys> keys = new AtomicReference<>();
        String log =
                printed(() ->
                        keys.set(
                                ApiKeys.read("{%s, \"old\": \"%s\"}".formatted(member, OLD), LOG)));
        assertTrue(log.contains(logged), log);
        assertFalse(log.contains("hunter2"), log);
        assertEquals(Optional.of("key:old"), Objects.requireNonNull(keys.get()).identityOf(OLD));
        assertEquals(
                Optional.empty(),
                Objects.requireNonNull(keys.get())
                        .identityOf("hunter2hunter2hunter2hunter2hunter2"));
        assertEquals(Optional.empty(), Objects.requireNonNull(keys.get()).identityOf(""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hunter2",
                "[\"hunter2hunter2hunter2hunter2hunter2\"]",
                "{}",
                "{\"a\": \"hunter2\"}",
                "{\"a\": \"hunter2hunter2hunter2hunter2hunter2\", \"a\": \"x\"}",
            })
    void secretWithoutAValidKeyIsAFailureThatShowsNothingOfIt(String text) {
        String message =
                assertThrows(IllegalStateException.class, () -> ApiKeys.read(text, LOG)).toString();
        assertTrue(message.contains("API_KEY_SECRET_ARN"), message);
        assertFalse(message.contains("hunter2"), message);
    }

    /** The host's name has 32 characters and more, and is in every connection string. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"username\":\"app\",\"password\":\"%1$s\",\"engine\":\"postgres\",\"host\":\"%2$s\",\"port\":5432}",
                "{\"username\":\"app\",\"password\":\"%1$s\"}",
                "{\"username\":\"%1$s\",\"host\":\"%2$s\"}",
                "{\"password\":\"%1$s\",\"old\":\"%1$s\"}",
                "{\"engine\":\"postgres\",\"host\":\"%2$s\"}",
                "{\"engine\":null,\"host\":\"%2$s\"}",
            })
    void secretOfADatabaseHoldsNoKey(String text) {
        String host = "db-migrate-staging.cluster-c0123456789a.eu-central-1.rds.amazonaws.com";
        String message =
                assertThrows(
                                IllegalStateException.class,
                                () -> ApiKeys.read(text.formatted(OLD, host), LOG))
                        .toString();
        assertTrue(message.contains("API_KEY_SECRET_ARN"), message);
        assertTrue(message.contains("login of a database"), message);
        assertFalse(message.contains(OLD) || message.contains(host), message);
    }

    @Test
    void newKeyIsKnownAndARemovedOneForgottenWithoutARestart() throws SQLException {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-05-01T12:00:00Z"));
        AtomicReference<String> secret = new AtomicReference<>("{\"old\":\"" + OLD + "\"}");
        AtomicInteger readings = new AtomicInteger();
        KeptApiKeys keys =
                new KeptApiKeys(
                        log -> {
                            readings.incrementAndGet();
                            return ApiKeys.read(Objects.requireNonNull(secret.get()), log);
                        },
                        now::get);
        assertEquals(Optional.of("key:old"), keys.identityOf(OLD, LOG));
        secret.set("{\"new\":\"" + NEW + "\"}");
        // Whoever guesses does not have the secret read for each guess.
        for (int i = 0; i < 100; i++) {
            assertEquals(Optional.empty(), keys.identityOf(NEW, LOG));
        }
        assertEquals(1, readings.get());
        now.updateAndGet(time -> time.plus(KeptApiKeys.BETWEEN_READINGS));
        assertEquals(Optional.of("key:old"), keys.identityOf(OLD, LOG));
        assertEquals(1, readings.get());
        assertEquals(Optional.of("key:new"), keys.identityOf(NEW, LOG));
        assertEquals(Optional.empty(), keys.identityOf(OLD, LOG));
        assertEquals(2, readings.get());
        secret.set(BOTH);
        now.updateAndGet(time -> time.plus(KeptApiKeys.TIME_TO_LIVE));
        assertEquals(Optional.of("key:new"), keys.identityOf(NEW, LOG));
        assertEquals(3, readings.get());
    }

    @Test
    void keptKeysThatAreTooOldLetNobodyInWhereTheSecretCannotBeRead() throws SQLException {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-05-01T12:00:00Z"));
        AtomicReference<Optional<String>> secret = new AtomicReference<>(Optional.of(BOTH));
        KeptApiKeys keys =
                new KeptApiKeys(
                        log ->
                                ApiKeys.read(
                                        Objects.requireNonNull(secret.get())
                                                .orElseThrow(() -> new SQLException("away")),
                                        log),
                        now::get);
        assertEquals(Optional.of("key:old"), keys.identityOf(OLD, LOG));
        secret.set(Optional.empty());
        now.updateAndGet(time -> time.plus(KeptApiKeys.TIME_TO_LIVE));
        assertThrows(SQLException.class, () -> keys.identityOf(OLD, LOG));
    }

    @Test
    void guessWhileTheSecretCannotBeReadMakesNoCallOfItsOwn() throws SQLException {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-05-01T12:00:00Z"));
        AtomicReference<Optional<String>> secret = new AtomicReference<>(Optional.of(BOTH));
        AtomicInteger readings = new AtomicInteger();
        KeptApiKeys keys =
                new KeptApiKeys(
                        log -> {
                            readings.incrementAndGet();
                            return ApiKeys.read(
                                    Objects.requireNonNull(secret.get())
                                            .orElseThrow(() -> new SQLException("away")),
                                    log);
                        },
                        now::get);
        assertEquals(Optional.of("key:old"), keys.identityOf(OLD, LOG));
        secret.set(Optional.empty());
        now.updateAndGet(time -> time.plus(KeptApiKeys.BETWEEN_READINGS));
        assertThrows(SQLException.class, () -> keys.identityOf("guess", LOG));
        for (int i = 0; i < 100; i++) {
            IllegalStateException failure =
                    assertThrows(IllegalStateException.class, () -> keys.identityOf("guess", LOG));
            assertEquals("away", Objects.requireNonNull(failure.getCause()).getMessage());
            assertEquals(Optional.of("key:new"), keys.identityOf(NEW, LOG));
        }
        assertEquals(2, readings.get());
        now.updateAndGet(time -> time.plus(KeptApiKeys.AFTER_FAILURE));
        assertThrows(SQLException.class, () -> keys.identityOf("guess", LOG));
        assertEquals(3, readings.get());
        // What is kept is too old by now, for those who have a key as well.
        now.updateAndGet(time -> time.plus(KeptApiKeys.TIME_TO_LIVE));
        assertThrows(SQLException.class, () -> keys.identityOf(OLD, LOG));
        assertThrows(IllegalStateException.class, () -> keys.identityOf(OLD, LOG));
        assertEquals(4, readings.get());
        secret.set(Optional.of(BOTH));
        now.updateAndGet(time -> time.plus(KeptApiKeys.AFTER_FAILURE));
        assertEquals(Optional.of("key:old"), keys.identityOf(OLD, LOG));
        assertEquals(5, readings.get());
    }

    private static String printed(Runnable action) {
        PrintStream before = System.out;
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
        try {
            action.run();
        } finally {
            System.setOut(before);
        }
        return output.toString(StandardCharsets.UTF_8);
    }
}
