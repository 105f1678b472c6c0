package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchResponseTest {
    private static final Set<String> IDS = Set.of("a", "b");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{}",
                "{\"batchItemFailures\":null}",
                "{\"batchItemFailures\":[]}"
            })
    void nothingMeansThatAllSucceeded(String response) throws IOException {
        assertEquals(Optional.of(Set.of()), failures(response));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"batchItemFailures\":[",
                "{\"batchItemFailures\":\"a\"}",
                "{\"batchItemFailures\":[{\"itemIdentifier\":\"\"}]}",
                "{\"batchItemFailures\":[{\"itemIdentifier\":null}]}",
                "{\"batchItemFailures\":[{\"messageId\":\"a\"}]}",
                "{\"batchItemFailures\":[{\"itemIdentifier\":\"unknown\"}]}"
            })
    void responseThatLambdaCannotReadFailsTheWholeBatch(String response) throws IOException {
        assertEquals(Optional.empty(), failures(response));
    }

    @ParameterizedTest
    @ValueSource(strings = "{\"batchItemFailures\":[{\"itemIdentifier\":\"b\"}]}")
    void namedMessageFailedAlone(String response) throws IOException {
        assertEquals(Optional.of(Set.of("b")), failures(response));
    }

    private static Optional<Set<String>> failures(String response) throws IOException {
        return BatchResponse.failures(response.getBytes(StandardCharsets.UTF_8), IDS);
    }
}
