package dbmigrate.local;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The API as docs/openapi.yaml describes it, and what an answer has in common with it. */
final class DocumentedApi {
    private static final DocumentedApi DOCUMENT =
            new DocumentedApi(Main.home().resolve("docs/openapi.yaml"));

    /** What the schemas are known under; nothing is fetched from there. */
    private static final String NAME = "urn:db-migrate:openapi";

    private final JsonNode document;
    private final SchemaRegistry schemas;
    private final Set<String> knownHeaders;

    private DocumentedApi(Path file) {
        try (var reader = Files.newBufferedReader(file)) {
            document =
                    new JsonMapper()
                            .valueToTree(
                                    new Yaml(new SafeConstructor(new LoaderOptions()))
                                            .<Map<String, Object>>load(reader));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        schemas =
                SchemaRegistry.withDialect(
                        Dialects.getOpenApi31(),
                        registry ->
                                registry.schemas(Map.of(NAME, document.toString()))
                                        .schemaRegistryConfig(
                                                SchemaRegistryConfig.builder()
                                                        .formatAssertionsEnabled(true)
                                                        .build()));
        knownHeaders =
                document.findValues("headers").stream()
                        .flatMap(headers -> headers.propertyStream().map(Map.Entry::getKey))
                        .map(name -> name.toLowerCase(Locale.ROOT))
                        .collect(Collectors.toSet());
    }

    /**
     * An answer.
     *
     * @param path as it was asked for, without the query
     */
    record Answered(String method, String path, int status, HttpHeaders headers, String body) {}

    /**
     * The same answer, where it is as the document says.
     *
     * @throws AssertionError that names the request, the status, and everything that is not
     */
    static HttpResponse<String> conforming(HttpResponse<String> response) {
        requireConforming(
                new Answered(
                        response.request().method(),
                        response.request().uri().getRawPath(),
                        response.statusCode(),
                        response.headers(),
                        response.body()));
        return response;
    }

    static void requireConforming(Answered answer) {
        List<String> violations = DOCUMENT.violations(answer);
        if (!violations.isEmpty()) {
            throw new AssertionError(
                    "%s %s was answered by %d, not as docs/openapi.yaml says:%n%s%n%s%n%s"
                            .formatted(
                                    answer.method,
                                    answer.path,
                                    answer.status,
                                    String.join(System.lineSeparator(), violations),
                                    answer.headers.map(),
                                    answer.body));
        }
    }

    private List<String> violations(Answered answer) {
        JsonPointer responses = responses(answer.method, answer.path);
        JsonPointer response = resolved(responses.appendProperty("" + answer.status));
        if (document.at(response).isMissingNode()) {
            return List.of("%s: there is no status %d".formatted(responses, answer.status));
        }
        String type = answer.headers.firstValue("content-type").orElse("(no content type)");
        JsonPointer content = response.appendProperty("content").appendProperty(type);
        if (document.at(content).isMissingNode()) {
            return List.of("%s: there is no content of type %s".formatted(response, type));
        }
        var violations = headers(answer.headers, response.appendProperty("headers"));
        violations.addAll(violations("body", answer.body, content.appendProperty("schema")));
        return violations;
    }

    /** Where the answers stand to this method of this path. */
    private JsonPointer responses(String method, String path) {
        var paths = JsonPointer.empty().appendProperty("paths");
        for (String template :
                document.at(paths).propertyStream().map(Map.Entry::getKey).toList()) {
            if (path.matches(template.replaceAll("\\{[^}]*}", "[^/]+"))) {
                var operation =
                        paths.appendProperty(template)
                                .appendProperty(method.toLowerCase(Locale.ROOT));
                return document.at(operation).isMissingNode()
                        ? JsonPointer.empty().appendProperty("x-other-methods")
                        : operation.appendProperty("responses");
            }
        }
        return JsonPointer.empty().appendProperty("x-other-paths");
    }

    private ArrayList<String> headers(HttpHeaders headers, JsonPointer documented) {
        var violations = new ArrayList<String>();
        var undocumented = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        undocumented.addAll(headers.map().keySet());
        undocumented.removeIf(name -> !knownHeaders.contains(name.toLowerCase(Locale.ROOT)));
        for (String name :
                document.at(documented).propertyStream().map(Map.Entry::getKey).toList()) {
            undocumented.remove(name);
            JsonPointer header = resolved(documented.appendProperty(name));
            List<String> values = headers.allValues(name);
            if (values.isEmpty() && document.at(header).path("required").asBoolean()) {
                violations.add("%s: the header %s is missing".formatted(header, name));
            }
            for (String value : values) {
                violations.addAll(
                        violations(
                                "header " + name,
                                headerValue(value).toString(),
                                header.appendProperty("schema")));
            }
        }
        undocumented.forEach(
                name -> violations.add("%s: there is no header %s".formatted(documented, name)));
        return violations;
    }

    private static JsonNode headerValue(String text) {
        return text.matches("[0-9]{1,9}")
                ? LongNode.valueOf(Long.parseLong(text))
                : TextNode.valueOf(text);
    }

    private List<String> violations(String part, String json, JsonPointer schema) {
        return schemas
                .getSchema(SchemaLocation.of(NAME + "#" + schema))
                .validate(json, InputFormat.JSON)
                .stream()
                .map(e ->
                        "%s at \"%s\": %s (%s)"
                                .formatted(
                                        part,
                                        e.getInstanceLocation(),
                                        e.getMessage(),
                                        e.getSchemaLocation()))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /** Follows a reference, where one stands there. */
    private JsonPointer resolved(JsonPointer place) {
        JsonNode reference = document.at(place).path("$ref");
        return reference.isMissingNode()
                ? place
                : JsonPointer.compile(reference.asText().substring(1));
    }
}
