package dbmigrate.local;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;

/** The tables, printed as they come, and the figures behind them as JSON. */
final class Report {
    static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final PrintStream out;
    private final ObjectNode json = JSON.createObjectNode();
    private final ObjectNode figures = json.putObject("figures");
    private final ObjectNode leftOut = json.putObject("leftOut");

    Report(PrintStream out) {
        this.out = out;
        json.put("begun", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        json.put("java", System.getProperty("java.runtime.version"));
        json.put("processors", Runtime.getRuntime().availableProcessors());
    }

    void table(String title, List<String> header, List<List<String>> rows) {
        out.printf("%n### %s%n%n", title);
        line(header);
        line(Collections.nCopies(header.size(), "---"));
        rows.forEach(this::line);
        out.flush();
    }

    private void line(List<String> cells) {
        out.println("| " + String.join(" | ", cells) + " |");
    }

    /** A figure that is the same in each round. */
    void figure(String scenario, String name, long value) {
        figures.withObjectProperty(scenario).put(name, value);
    }

    void figure(String scenario, String subject, String figure, Sample sample) {
        var object =
                figures.withObjectProperty(scenario)
                        .withObjectProperty(subject)
                        .putObject(figure)
                        .put("median", sample.median())
                        .put("lowerQuartile", sample.quantile(0.25))
                        .put("upperQuartile", sample.quantile(0.75));
        sample.values().forEach(object.putArray("rounds")::add);
    }

    /** Says what is not here, and why. */
    void leftOut(String what, String why) {
        leftOut.put(what, why);
        out.printf("%nLeft out: %s: %s%n", what, why);
    }

    void write(Path file) throws IOException {
        JSON.writeValue(file.toFile(), json);
    }
}
