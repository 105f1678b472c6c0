package dbmigrate.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.database.ConnectionFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FailureCodeTest {
    @ParameterizedTest
    @EnumSource
    void everyCodeHasARowInTheTableOfErrors(FailureCode code) throws IOException {
        String operations = Files.readString(Path.of("../docs/operations.md"));
        assertTrue(operations.contains("\n| `" + code + "` |"));
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
