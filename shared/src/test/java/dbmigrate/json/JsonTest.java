package dbmigrate.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void documentIsReadAsPlainValues() throws MalformedJsonException {
        assertEquals(
                Map.of("a", Arrays.asList(1, 2.5, null, true, "x"), "b", Map.of()),
                Json.read("{\"a\": [1, 2.5, null, true, \"x\"], \"b\": {}}"));
        assertNull(Json.read("null"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{\"a\":}",
                "{} {}",
                "[1,]",
                "{\"a\":1,\"a\":2}",
                "nul",
                "{'a':1}"
            })
    void whatIsNoJsonIsRefused(String text) {
        assertThrows(MalformedJsonException.class, () -> Json.read(text));
    }

    @Test
    void refusalNamesAPlaceAndQuotesNothing() {
        MalformedJsonException refused =
                assertThrows(MalformedJsonException.class, () -> Json.read("{\"a\": hunter2}"));
        assertFalse(String.valueOf(refused.getMessage()).contains("hunter2"));
    }

    @Test
    void memberOfAnotherTypeReadsAsAbsent() throws MalformedJsonException {
        JsonObject object = JsonObject.of(Json.read("{\"a\": 1, \"b\": null, \"c\": [{}, 2]}"));
        assertFalse(object.string("a").isPresent());
        assertFalse(object.string("b").isPresent());
        assertEquals(List.of(JsonObject.EMPTY, JsonObject.EMPTY), object.objects("c"));
    }
}
