package dbmigrate.local;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Several subjects measured side by side: each once in a round, in one order and in the next round
 * in the other, so that what disturbs the machine disturbs all of them.
 *
 * @param samples of each subject by the figure's name
 */
record Comparison(SequencedMap<String, SequencedMap<String, Sample>> samples) {
    /** Measures one subject once; each time the same figures. */
    @FunctionalInterface
    interface Measurement {
        SequencedMap<String, Double> measure() throws Exception;
    }

    /**
     * @param title of the column
     * @param of the subject that each subject is held against
     */
    record Against(String title, Map<String, String> of) {
        /** Every subject is held against this one. */
        static Against all(String subject, Iterable<String> subjects) {
            var of = new LinkedHashMap<String, String>();
            subjects.forEach(one -> of.put(one, subject));
            return new Against("÷ " + subject, of);
        }
    }

    static Comparison of(int rounds, SequencedMap<String, Measurement> subjects) throws Exception {
        var values = new LinkedHashMap<String, SequencedMap<String, List<Double>>>();
        subjects.keySet().forEach(name -> values.put(name, new LinkedHashMap<>()));
        for (int round = 0; round < rounds; round++) {
            var order = round % 2 == 0 ? subjects : subjects.reversed();
            for (var subject : order.entrySet()) {
                var measured = subject.getValue().measure();
                measured.forEach((figure, value) ->
                        Objects.requireNonNull(values.get(subject.getKey()))
                                .computeIfAbsent(figure, _ -> new ArrayList<>())
                                .add(value));
            }
        }
        var samples = new LinkedHashMap<String, SequencedMap<String, Sample>>();
        values.forEach((name, figures) -> {
            var of = new LinkedHashMap<String, Sample>();
            figures.forEach((figure, each) -> of.put(figure, new Sample(each)));
            samples.put(name, of);
        });
        return new Comparison(samples);
    }

    /** This figure alone, of the subjects that have it. */
    Comparison only(String figure) {
        var only = new LinkedHashMap<String, SequencedMap<String, Sample>>();
        samples.forEach((subject, figures) ->
                Optional.ofNullable(figures.get(figure))
                        .ifPresent(sample ->
                                only.put(subject, new LinkedHashMap<>(Map.of(figure, sample)))));
        return new Comparison(only);
    }

    /** The figure that a subject is compared by: its first. */
    private Sample first(String subject) {
        return figures(subject).firstEntry().getValue();
    }

    private SequencedMap<String, Sample> figures(String subject) {
        return Objects.requireNonNull(samples.get(subject), subject);
    }

    void report(Report report, String scenario, String title, Against... against) {
        samples.forEach((subject, figures) ->
                figures.forEach(
                        (figure, sample) -> report.figure(scenario, subject, figure, sample)));
        var figures = samples.firstEntry().getValue().sequencedKeySet();
        var header =
                Stream.of(
                                Stream.of(scenario),
                                figures.stream(),
                                Stream.of(against).map(Against::title))
                        .flatMap(names -> names)
                        .toList();
        report.table(title, header, rows(report, scenario, List.of(against)));
    }

    private List<List<String>> rows(Report report, String scenario, List<Against> against) {
        return samples.entrySet().stream()
                .map(subject -> {
                    var row = new ArrayList<String>();
                    row.add(subject.getKey());
                    subject.getValue().values().forEach(sample -> row.add(sample.shown()));
                    against.forEach(
                            held -> row.add(relation(report, scenario, subject.getKey(), held)));
                    return row.stream().collect(Collectors.toUnmodifiableList());
                })
                .toList();
    }

    private String relation(Report report, String scenario, String subject, Against against) {
        String other = against.of.get(subject);
        if (other == null || other.equals(subject) || !samples.containsKey(other)) {
            return "";
        }
        var relation = first(subject).against(first(other));
        String figure = figures(subject).firstEntry().getKey();
        report.figure(scenario, subject, figure + " ÷ " + other, relation);
        return relation.shown();
    }
}
