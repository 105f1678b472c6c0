package dbmigrate.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dbmigrate.settings.Environment;
import dbmigrate.settings.InvalidEnvironmentException;
import dbmigrate.settings.ServerSettings;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OwnerRoleTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "none",
                "None",
                "PUBLIC",
                "pg_read_all_data",
                "O'Hara",
                "zero\0",
                "sixty-four bytes are one more than a name of PostgreSQL can hold",
                "\ud800"
            })
    void nameThatNoRoleOfOnesOwnHasIsRefused(String name) {
        assertThrows(IllegalArgumentException.class, () -> new OwnerRole(name));
    }

    @ParameterizedTest
    @CsvSource({"owner, -c role=owner", "the owner, -c role=the\\ owner", "a\\b, -c role=a\\\\b"})
    void blankAndBackslashAreKeptInTheOptions(String name, String option) {
        assertEquals(option, new OwnerRole(name).option());
    }

    @Test
    void optionsOfTheUrlStay() {
        DatabaseUrl url =
                DatabaseUrl.parse("postgresql://u@h/d?options=-c%20work_mem%3D8MB")
                        .withOwnerRole(new OwnerRole("owner"));
        assertEquals(
                "-c work_mem=8MB -c role=owner",
                url.properties(new Login("u", Optional.empty())).getProperty("options"));
        assertEquals("owner", url.withDatabase("other").owner());
    }

    @Test
    void wrongNameIsRefusedAtTheStart() {
        Environment environment =
                new Environment(
                        Map.of(
                                "DATABASE_URL", "postgresql://u@h/d",
                                "DATABASE_OWNER_ROLE", "pg_monitor"));
        ServerSettings.read(environment);
        InvalidEnvironmentException refusal =
                assertThrows(InvalidEnvironmentException.class, environment::verify);
        assertTrue(
                String.valueOf(refusal.getMessage()).contains("DATABASE_OWNER_ROLE: must be"),
                refusal::getMessage);
    }
}
