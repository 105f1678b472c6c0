package dbmigrate.local;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Keeps what docs/ says of template.yaml equal to it. */
class DeploymentDocumentsTest {
    private static final Map<String, Object> TEMPLATE =
            CloudFormationYaml.read(Main.home().resolve("template.yaml"));

    @Test
    void everyParameterAndNoOtherHasARowInTheTables() throws IOException {
        assertEquals(
                sorted(section(TEMPLATE, "Parameters").keySet()), sorted(parameterRows().keySet()));
    }

    @Test
    void rowOfAParameterHasItsDefault() throws IOException {
        var defaults = new TreeMap<String, String>();
        section(TEMPLATE, "Parameters")
                .forEach((name, parameter) -> defaults.put(name, shown(map(parameter))));
        assertEquals(defaults, parameterRows());
    }

    @Test
    void everyOutputAndNoOtherHasARowInItsTable() throws IOException {
        assertEquals(
                sorted(section(TEMPLATE, "Outputs").keySet()),
                sorted(
                        found(
                                "\n\\| `(\\w+)` \\|",
                                between(document("deploy.md"), "\n| output |", "\n## "))));
    }

    @Test
    void everyAlarmAndNoOtherHasAHeading() throws IOException {
        assertEquals(
                sorted(
                        section(TEMPLATE, "Resources").entrySet().stream()
                                .filter(resource ->
                                        "AWS::CloudWatch::Alarm"
                                                .equals(map(resource.getValue()).get("Type")))
                                .map(Map.Entry::getKey)
                                .toList()),
                sorted(found("\n### (\\w+Alarm)\n", document("operations.md"))));
    }

    /** Each parameter's name and default as its row shows them. */
    private static Map<String, String> parameterRows() throws IOException {
        Matcher row =
                Pattern.compile("\n\\| `(\\w+)` \\| ([^|]*?) ?\\|")
                        .matcher(between(document("deploy.md"), "\n## Parameters\n", "\n## "));
        var rows = new TreeMap<String, String>();
        while (row.find()) {
            rows.put(row.group(1), row.group(2).replace("`", ""));
        }
        return rows;
    }

    private static String shown(Map<String, Object> parameter) {
        if (!parameter.containsKey("Default")) {
            return "";
        }
        String value = String.valueOf(parameter.get("Default"));
        return value.isEmpty() ? "empty" : value;
    }

    private static String between(String text, String begin, String end) {
        int from = text.indexOf(begin) + begin.length();
        return text.substring(from, text.indexOf(end, from));
    }

    private static List<String> found(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).results().map(m -> m.group(1)).toList();
    }

    private static String document(String name) throws IOException {
        return Files.readString(Path.of("../docs", name));
    }

    /** As text with a line each, so that a failure shows which one is missing. */
    private static String sorted(Collection<String> names) {
        return String.join("\n", new TreeSet<>(names));
    }

    private static Map<String, Object> section(Map<String, Object> of, String name) {
        return map(Objects.requireNonNull(of.get(name)));
    }

    @SuppressWarnings("unchecked") // YAML's maps of a template have text as keys
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }
}
