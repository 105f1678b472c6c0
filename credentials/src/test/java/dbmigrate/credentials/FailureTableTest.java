package dbmigrate.credentials;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.testing.MotoRotation;
import dbmigrate.testing.MotoServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * Every row of {@link FailureRows}, several at once since most of them wait: what CloudFormation
 * hears, which labels the secret has, and whose password the server takes.
 */
@Tag("database")
@Timeout(value = 240, threadMode = ThreadMode.SEPARATE_THREAD)
class FailureTableTest {
    private static final int AT_ONCE = 16;
    private static final String HEAD =
            """
            | what goes wrong | CloudFormation hears | what is left: the secret; who logs in |
            | --- | --- | --- |
            """;

    private static final Map<FailureRow, Future<FailureRow.Seen>> SEEN = new LinkedHashMap<>();
    private static final List<String> BODIES = new ArrayList<>();
    private static final ByteArrayOutputStream PRINTED = new ByteArrayOutputStream();
    private static MotoServer moto;
    private static AwsFront aws;
    private static SecretsManagerClient secrets;

    @BeforeAll
    static void meetEveryRow() throws Exception {
        moto = MotoServer.start(FailureTableTest.class);
        MotoRotation.allow(moto);
        aws = new AwsFront(moto);
        secrets = CredentialsHandlerTest.client(moto);
        PrintStream out = System.out;
        System.setOut(new PrintStream(PRINTED, true, StandardCharsets.UTF_8));
        // Loads the classes, which would take the first rows a part of their time.
        try (Scenario stack = new Scenario(aws, secrets)) {
            stack.create();
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            for (FailureRow row : FailureRows.all()) {
                SEEN.put(row, threads.submit(() -> meet(row)));
            }
        } finally {
            System.setOut(out);
        }
    }

    private static FailureRow.Seen meet(FailureRow row) throws Exception {
        try (Scenario stack = new Scenario(aws, secrets)) {
            try {
                return row.seen(stack);
            } finally {
                synchronized (BODIES) {
                    BODIES.addAll(stack.bucket.bodies());
                }
            }
        }
    }

    @AfterAll
    static void stop() {
        if (moto != null) {
            secrets.close();
            aws.close();
            moto.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> row() {
        return SEEN.entrySet().stream()
                .map(known ->
                        DynamicTest.dynamicTest(
                                known.getKey().what(),
                                () -> check(known.getKey(), known.getValue().get())));
    }

    private static void check(FailureRow row, FailureRow.Seen seen) {
        assertAll(
                () -> assertEquals(row.status(), seen.status(), seen::reason),
                () -> assertTrue(seen.reason().contains(row.said()), seen::reason),
                () -> assertEquals(row.left(), seen.left()));
    }

    @Test
    void rowsAreManyAndNoTwoAreOne() {
        assertTrue(SEEN.size() >= 40, () -> "only " + SEEN.size());
        assertEquals(SEEN.size(), SEEN.keySet().stream().map(FailureRow::what).distinct().count());
    }

    @Test
    void noPasswordAndNoPresignedUrlIsWrittenAnywhere() {
        String written = PRINTED.toString(StandardCharsets.UTF_8) + String.join("\n", BODIES);
        assertTrue(aws.passwords().size() > 40, () -> "only " + aws.passwords().size());
        assertFalse(written.isEmpty());
        for (String password : aws.passwords()) {
            if (password.length() == MasterPassword.LENGTH) {
                assertFalse(written.contains(password), "a password is written");
            }
        }
        assertFalse(written.contains("X-Amz-Signature"), "a presigned URL is written");
    }

    @Test
    void logNamesTheWayOutWhereTheServerTakesNoPasswordOfTheSecret() {
        String written = PRINTED.toString(StandardCharsets.UTF_8);
        assertTrue(written.contains("deploy with another RotationId, and it gets a new one"));
    }

    @Test
    void documentationHasTheTable() throws Exception {
        Path file = Path.of("..", "docs", "operations.md");
        String table =
                HEAD
                        + SEEN.keySet().stream()
                                .map(row -> row.markdown() + "\n")
                                .collect(Collectors.joining());
        String documented = Files.readString(file);
        int begin = documented.indexOf(HEAD);
        assertTrue(begin >= 0, "the table is not in docs/operations.md");
        int end = documented.indexOf("\n\n", begin) + 1;
        assertEquals(table, Objects.requireNonNull(documented.substring(begin, end)));
    }
}
