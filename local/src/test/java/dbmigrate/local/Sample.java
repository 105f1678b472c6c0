package dbmigrate.local;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * One figure, measured once in each round.
 *
 * @param values in the order of the rounds
 */
record Sample(List<Double> values) {
    Sample {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("A figure without a round.");
        }
    }

    double median() {
        return quantile(0.5);
    }

    /**
     * @param share 0 for the least value, 1 for the greatest; between two of them on the straight
     *     line from one to the other
     */
    double quantile(double share) {
        var sorted = values.stream().sorted().toList();
        double at = share * (sorted.size() - 1);
        int below = (int) at;
        double least = sorted.get(below);
        double next = sorted.get(Math.min(below + 1, sorted.size() - 1));
        return least + (at - below) * (next - least);
    }

    /** This figure in relation to another one of the same rounds, round by round. */
    Sample against(Sample other) {
        if (values.size() != other.values.size()) {
            throw new IllegalArgumentException(
                    "%d rounds beside %d.".formatted(values.size(), other.values.size()));
        }
        return new Sample(
                IntStream.range(0, values.size())
                        .mapToObj(round -> values.get(round) / other.values.get(round))
                        .toList());
    }

    /** Median and quartiles. */
    String shown() {
        return "%s (%s–%s)"
                .formatted(shown(median()), shown(quantile(0.25)), shown(quantile(0.75)));
    }

    private static String shown(double value) {
        return String.format(
                Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
    }
}
