package dbmigrate.router;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dbmigrate.database.ConnectionFailure;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

class ProblemCodeTest {
    @Test
    void documentOfTheApiListsEveryCodeAndNoOther() throws IOException {
        assertEquals(names(ProblemCode.values()), listed("ProblemCode"));
    }

    @Test
    void documentOfTheApiListsEveryFailureOfAConnectionUnder503() throws IOException {
        List<String> kinds = names(ConnectionFailure.values());
        assertEquals(kinds, listed("UnavailableCode").subList(0, kinds.size()));
    }

    @ParameterizedTest
    @EnumSource
    void failureOfAConnectionHasTheCodeOfItsName(ConnectionFailure kind) {
        assertEquals(kind.name(), ProblemCode.of(kind).name());
    }

    private static List<String> names(Enum<?>[] values) {
        return Arrays.stream(values).map(Enum::name).toList();
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
