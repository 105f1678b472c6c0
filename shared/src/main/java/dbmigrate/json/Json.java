package dbmigrate.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON text to plain values and back.
 *
 * <p>An object is read as a {@link Map} in the order of its members, an array as a {@link List},
 * and a scalar as {@link String}, {@link Number}, {@link Boolean} or null. A member that stands
 * twice is refused: two readers of one document must not see two values.
 */
public final class Json {
    private static final JsonFactory FACTORY =
            JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private Json() {}

    /** Something that writes one JSON value. */
    @FunctionalInterface
    public interface Writing {
        /** Writes to the generator; it need neither flush nor close it. */
        void to(JsonGenerator json) throws IOException;
    }

    /**
     * Reads one document.
     *
     * @throws MalformedJsonException when the text is no JSON, or when more follows the document
     */
    public static @Nullable Object read(String text) throws MalformedJsonException {
        try (JsonParser parser = FACTORY.createParser(text)) {
            return document(parser);
        } catch (JsonProcessingException e) {
            throw new MalformedJsonException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads one document in UTF-8, as {@link #read(String)} does, and leaves the stream open. */
    public static @Nullable Object read(InputStream utf8)
            throws IOException, MalformedJsonException {
        return read(new String(utf8.readAllBytes(), StandardCharsets.UTF_8));
    }

    /** The text of one JSON value, without line breaks. */
    public static String write(Writing writing) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            writing.to(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** Writes a member that may be absent: absence is null, never a missing member. */
    public static void member(JsonGenerator json, String name, @Nullable Object value)
            throws IOException {
        if (value == null) {
            json.writeNullField(name);
        } else {
            json.writeStringField(name, value.toString());
        }
    }

    /** Writes a text of an array that may be absent. */
    public static void element(JsonGenerator json, @Nullable String value) throws IOException {
        if (value == null) {
            json.writeNull();
        } else {
            json.writeString(value);
        }
    }

    /** Writes an integral number that may be absent. */
    public static void number(JsonGenerator json, String name, @Nullable Number value)
            throws IOException {
        if (value == null) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, value.longValue());
        }
    }

    /** Writes a time that may be absent, in RFC 3339, UTC, with three digits of a second. */
    public static void time(JsonGenerator json, String name, @Nullable Instant value)
            throws IOException {
        member(json, name, value == null ? null : TIME.format(value));
    }

    private static @Nullable Object document(JsonParser parser)
            throws IOException, MalformedJsonException {
        if (parser.nextToken() == null) {
            throw new MalformedJsonException("the text is empty");
        }
        Object value = value(parser);
        if (parser.nextToken() != null) {
            throw new MalformedJsonException("more text follows the JSON document");
        }
        return value;
    }

    private static @Nullable Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case VALUE_STRING -> parser.getText();
            case END_OBJECT, END_ARRAY, FIELD_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
                    throw new IllegalStateException("no value begins here");
        };
    }

    private static Map<String, @Nullable Object> object(JsonParser parser) throws IOException {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            members.put(name, value(parser));
        }
        return members;
    }

    private static List<@Nullable Object> array(JsonParser parser) throws IOException {
        List<@Nullable Object> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            elements.add(value(parser));
        }
        return elements;
    }
}
