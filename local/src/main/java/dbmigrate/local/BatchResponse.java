package dbmigrate.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** A function's partial batch response (ReportBatchItemFailures). */
final class BatchResponse {
    private static final JsonMapper JSON = new JsonMapper();

    private BatchResponse() {}

    /**
     * The ids that failed. Nothing, null, an empty object or an empty list mean that none did.
     *
     * @param ids of the batch
     * @return empty where the whole batch counts as failed: no JSON, a bad key, an empty, null or
     *     unknown id
     * @see <a
     *     href="https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html">Handling
     *     errors for an SQS event source</a>
     */
    static Optional<Set<String>> failures(byte[] payload, Set<String> ids) throws IOException {
        JsonNode listed;
        try {
            listed = JSON.readTree(payload).path("batchItemFailures");
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
        if (listed.isMissingNode() || listed.isNull()) {
            return Optional.of(Set.of());
        }
        if (!listed.isArray()) {
            return Optional.empty();
        }
        var failed = new HashSet<String>();
        for (JsonNode item : listed) {
            String id = item.path("itemIdentifier").asText("");
            if (!ids.contains(id)) {
                return Optional.empty();
            }
            failed.add(id);
        }
        return Optional.of(failed);
    }
}
