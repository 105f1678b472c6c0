package dbmigrate.credentials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretContentTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"username": "u", "password": "p"}                                                     ; ``; 5432; postgres
                    {"username": "u", "password": "p", "host": "h", "port": 6543, "dbname": "d"}           ; h; 6543; d
                    {"username": "u", "password": "p", "host": "h", "port": "6543", "dbname": "d"}         ; h; 6543; d
                    {"username": "u", "password": "p", "host": "h", "port": "x", "engine": "postgres"}     ; h; 5432; postgres
                    """)
    void bothShapesAreRead(String text, String host, int port, String databaseName) {
        SecretContent content = SecretContent.parse(text).orElseThrow();
        assertEquals("u", content.username());
        assertEquals("p", content.password().reveal());
        assertEquals(host, content.host());
        assertEquals(port, content.port());
        assertEquals(databaseName, content.databaseName());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "an API key",
                "{\"username\": \"u\"}",
                "{\"password\": \"p\"}",
                "{\"username\": \"\", \"password\": \"p\"}",
                "{\"username\": \"u\", \"password\": 1}",
                "[]",
                ""
            })
    void somethingElseIsNoContent(String text) {
        assertEquals(Optional.empty(), SecretContent.parse(text));
    }

    @Test
    void whatIsWrittenReadsAsItWas() {
        SecretContent content =
                SecretContent.parse(
                                "{\"username\": \"u\", \"password\": \"p\\\"\\\\\", \"host\": \"h\"}")
                        .orElseThrow();
        assertEquals(Optional.of(content), SecretContent.parse(content.json()));
        assertFalse(content.toString().contains("p\""), content::toString);
    }
}
