package dbmigrate.credentials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MasterPasswordTest {
    private static final String FIT = "aB3-".repeat(8);

    @Test
    void charactersThatStayNeedNoEncodingInAUrl() {
        String kept =
                IntStream.rangeClosed(' ', '~')
                        .filter(c -> MasterPassword.EXCLUDED.indexOf(c) < 0)
                        .mapToObj(Character::toString)
                        .collect(Collectors.joining());
        assertEquals(65, kept.length());
        assertEquals(kept, URLEncoder.encode(kept, StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "short", " ", "/", "\"", "@", "'", "\\", ":", "?", "#", "%", "ä"})
    void anotherThanWasAskedForIsRefusedAndNotShown(String end) {
        String password = FIT.substring(0, 31) + end;
        CredentialsException refusal =
                assertThrows(CredentialsException.class, () -> new MasterPassword(password));
        assertFalse(
                String.valueOf(refusal.getMessage()).contains(FIT.substring(0, 8)),
                refusal::getMessage);
    }

    @Test
    void printsMasked() {
        assertEquals("****", new MasterPassword(FIT).toString());
    }
}
