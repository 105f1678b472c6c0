package dbmigrate.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

class FailureCodeTest {
    @ParameterizedTest
    @EnumSource
    void everyCodeHasARowInTheTableOfErrors(FailureCode code) throws IOException {
        String operations = Files.readString(Path.of("../docs/operations.md"));
        assertTrue(operations.contains("\n| `" + code + "` |"));
    }

    @Test
    void documentOfTheApiListsEveryCodeAndNoOther() throws IOException {
        try (Reader document = Files.newBufferedReader(Path.of("../docs/openapi.yaml"))) {
            Map<String, Map<String, Map<String, Map<String, List<String>>>>> api =
                    new Yaml(new SafeConstructor(new LoaderOptions())).load(document);
            assertEquals(
                    Arrays.stream(FailureCode.values()).map(FailureCode::name).toList(),
                    api.getOrDefault("components", Map.of())
                            .getOrDefault("schemas", Map.of())
                            .getOrDefault("FailureCode", Map.of())
                            .getOrDefault("enum", List.of()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyCodeSaysWhatToDo(FailureCode code) {
        assertFalse(code.action().isBlank());
    }

    @ParameterizedTest
    @EnumSource
    void failureOfAConnectionHasTheCodeOfItsName(ConnectionFailure kind) {
        assertEquals(kind.name(), FailureCode.of(kind).name());
    }
}
