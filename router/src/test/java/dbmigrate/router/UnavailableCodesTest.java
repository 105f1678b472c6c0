package dbmigrate.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.database.ConnectionFailure;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Which codes docs/openapi.yaml lists for a database that cannot be had. */
class UnavailableCodesTest {
    @Test
    void everyFailureOfAConnectionIsAListedCodeOf503() throws IOException {
        List<String> kinds =
                Arrays.stream(ConnectionFailure.values()).map(ConnectionFailure::name).toList();
        List<String> listed = listed("UnavailableCode");
        assertEquals(kinds, listed.subList(0, kinds.size()));
    }

    @Test
    void everyCodeOf503IsACodeOfAProblem() throws IOException {
        assertTrue(listed("ProblemCode").containsAll(listed("UnavailableCode")));
    }

    private static List<String> listed(String schema) throws IOException {
        try (Reader document = Files.newBufferedReader(Path.of("../docs/openapi.yaml"))) {
            Map<String, Map<String, Map<String, Map<String, List<String>>>>> api =
                    new Yaml(new SafeConstructor(new LoaderOptions())).load(document);
            return api.getOrDefault("components", Map.of())
                    .getOrDefault("schemas", Map.of())
                    .getOrDefault(schema, Map.of())
                    .getOrDefault("enum", List.of());
        }
    }
}
