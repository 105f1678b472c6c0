package dbmigrate.warnings;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the comments before or in a statement accept: {@code -- db-migrate: accept drop-column,
 * add-check because nobody reads it}. A block comment may have several such lines.
 *
 * @param reasons by rule
 * @param wrong the lines that accept nothing
 */
record Acceptance(Map<Rule, String> reasons, List<Integer> wrong) {
    private static final Pattern LINE =
            Pattern.compile(
                    "(?:--|/\\*)?[\\s*]*db-migrate:\\s*(.*?)\\s*(?:\\*/)?",
                    Pattern.CASE_INSENSITIVE);

    private static final Pattern ACCEPT =
            Pattern.compile(
                    "accept\\s+([a-z-]+(?:\\s*,\\s*[a-z-]+)*)\\s+because\\s+(\\S.*)",
                    Pattern.CASE_INSENSITIVE);

    Acceptance {
        reasons = Map.copyOf(reasons);
        wrong = List.copyOf(wrong);
    }

    /** Of comments, by the lines where they begin. */
    static Acceptance of(SortedMap<Integer, String> comments) {
        Map<Rule, String> reasons = new HashMap<>();
        List<Integer> wrong = new ArrayList<>();
        comments.forEach((first, comment) -> {
            List<String> lines = comment.lines().toList();
            for (int i = 0; i < lines.size(); i++) {
                Matcher line = LINE.matcher(lines.get(i).strip());
                if (line.matches() && !accepts(line.group(1), reasons)) {
                    wrong.add(first + i);
                }
            }
        });
        return new Acceptance(reasons, wrong);
    }

    private static boolean accepts(String text, Map<Rule, String> reasons) {
        Matcher accept = ACCEPT.matcher(text);
        if (!accept.matches()) {
            return false;
        }
        boolean all = true;
        for (String id : accept.group(1).toLowerCase(Locale.ROOT).split("\\s*,\\s*")) {
            Optional<Rule> rule = Rule.of(id);
            rule.ifPresent(known -> reasons.put(known, accept.group(2)));
            all &= rule.isPresent();
        }
        return all;
    }

    Optional<String> reason(Rule rule) {
        return Optional.ofNullable(reasons.get(rule));
    }
}
