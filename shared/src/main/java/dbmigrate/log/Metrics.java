package dbmigrate.log;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Values that CloudWatch makes metrics of when it finds them in a line of the log: the embedded
 * metric format (AWS, "Specification: Embedded metric format"). Every combination of dimensions is
 * a metric that is paid for, so that what differs from process to process is none.
 *
 * @param dimensions by name
 */
public record Metrics(Map<String, String> dimensions, List<Directive> directives) {
    private static final String NAMESPACE = "db-migrate";

    /** The unit of a value, in CloudWatch's own word. */
    public enum Unit {
        COUNT("Count"),
        MILLISECONDS("Milliseconds"),
        SECONDS("Seconds");

        private final String word;

        Unit(String word) {
            this.word = word;
        }
    }

    /** A value; its name is unique in the line. */
    public record Metric(String name, Unit unit, long value) {}

    /**
     * Metrics with the same dimensions.
     *
     * @param by names of dimensions, all of which have a value in the line
     */
    public record Directive(List<String> by, List<Metric> metrics) {
        public Directive {
            by = List.copyOf(by);
            metrics = List.copyOf(metrics);
        }
    }

    public Metrics {
        dimensions = Map.copyOf(dimensions);
        directives = List.copyOf(directives);
        for (Directive directive : directives) {
            if (!dimensions.keySet().containsAll(directive.by())) {
                throw new IllegalArgumentException(
                        "there is no value for one of the dimensions " + directive.by());
            }
        }
    }

    /** Writes the members of the line: what it holds, and then the values themselves. */
    void write(JsonGenerator json, Instant at) throws IOException {
        json.writeObjectFieldStart("_aws");
        json.writeNumberField("Timestamp", at.toEpochMilli());
        json.writeArrayFieldStart("CloudWatchMetrics");
        for (Directive directive : directives) {
            write(json, directive);
        }
        json.writeEndArray();
        json.writeEndObject();
        for (Map.Entry<String, String> dimension : dimensions.entrySet()) {
            json.writeStringField(dimension.getKey(), dimension.getValue());
        }
        for (Directive directive : directives) {
            for (Metric metric : directive.metrics()) {
                json.writeNumberField(metric.name(), metric.value());
            }
        }
    }

    private static void write(JsonGenerator json, Directive directive) throws IOException {
        json.writeStartObject();
        json.writeStringField("Namespace", NAMESPACE);
        json.writeArrayFieldStart("Dimensions");
        json.writeStartArray();
        for (String name : directive.by()) {
            json.writeString(name);
        }
        json.writeEndArray();
        json.writeEndArray();
        json.writeArrayFieldStart("Metrics");
        for (Metric metric : directive.metrics()) {
            json.writeStartObject();
            json.writeStringField("Name", metric.name());
            json.writeStringField("Unit", metric.unit().word);
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
