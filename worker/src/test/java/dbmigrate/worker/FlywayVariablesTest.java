package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlywayVariablesTest {
    @ParameterizedTest
    @CsvSource({
        "FLYWAY_POSTGRESQL_TRANSACTIONAL_LOCK, true",
        "FLYWAY_GROUP, true",
        "FLYWAY_MIXED, true",
        "FLYWAY_CLEAN_DISABLED, false",
        "FLYWAY_URL, jdbc:postgresql://elsewhere/db",
        "FLYWAY_USER, somebody",
        "FLYWAY_PASSWORD, hunter2",
        "FLYWAY_ENVIRONMENTS_PROD_URL, jdbc:postgresql://elsewhere/db",
    })
    void whatWouldUndoAGuaranteeIsRefusedByNameAndWithoutItsValue(String name, String value) {
        List<String> refused = FlywayVariables.refused(Map.of(name, value));
        assertEquals(1, refused.size());
        assertTrue(refused.getFirst().startsWith(name + " is refused"), refused.toString());
        assertTrue(!refused.getFirst().contains("hunter2"), refused.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "FLYWAY_POSTGRESQL_TRANSACTIONAL_LOCK, false",
        "FLYWAY_CLEAN_DISABLED, true",
        "FLYWAY_GROUP, false",
        "FLYWAY_TABLE, history",
        "FLYWAY_PLACEHOLDERS_ENV, test",
        "FLYWAY_BASELINE_ON_MIGRATE, true",
    })
    void whatIsRightOrHarmlessIsTaken(String name, String value) {
        assertEquals(List.of(), FlywayVariables.refused(Map.of(name, value)));
    }

    @Test
    void variablesStandOverTheFileBesideTheSql(@TempDir Path migrations) throws IOException {
        Files.writeString(
                migrations.resolve("flyway.conf"),
                "flyway.table=from_file\nflyway.placeholders.env=file\n");
        Map<String, String> properties =
                FlywayVariables.properties(migrations, Map.of("FLYWAY_TABLE", "from_variable"));
        assertEquals("from_variable", properties.get("flyway.table"));
        assertEquals("file", properties.get("flyway.placeholders.env"));
    }

    @Test
    void fileIsHeldToTheSameRules(@TempDir Path migrations) throws IOException {
        Files.writeString(migrations.resolve("flyway.conf"), "flyway.cleanDisabled=false\n");
        InvalidConfigurationException refused =
                assertThrows(
                        InvalidConfigurationException.class,
                        () -> FlywayVariables.properties(migrations, Map.of()));
        assertTrue(
                String.valueOf(refused.getMessage())
                        .startsWith("flyway.conf: flyway.cleanDisabled is refused"),
                refused.toString());
    }
}
