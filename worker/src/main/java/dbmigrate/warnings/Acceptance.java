package dbmigrate.warnings;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the comments before or in a statement accept: {@code -- db-migrate: accept drop-column,
 * add-check because nobody reads it}.
 *
 * @param reasons by rule
 * @param isWrong whether one of the comments accepts nothing
 */
record Acceptance(Map<Rule, String> reasons, boolean isWrong) {
    private static final Pattern COMMENT =
            Pattern.compile("(?m)^[^\\n]*?--[ \\t]*db-migrate:[ \\t]*(.*)$");

    private static final Pattern ACCEPT =
            Pattern.compile("accept\\s+([a-z-]+(?:\\s*,\\s*[a-z-]+)*)\\s+because\\s+(\\S.*)");

    Acceptance {
        reasons = Map.copyOf(reasons);
    }

    static Acceptance of(String sql) {
        Map<Rule, String> reasons = new HashMap<>();
        boolean wrong = false;
        Matcher comments = COMMENT.matcher(sql);
        while (comments.find()) {
            Matcher accept = ACCEPT.matcher(comments.group(1).strip());
            if (!accept.matches()) {
                wrong = true;
                continue;
            }
            for (String id : accept.group(1).split("\\s*,\\s*")) {
                Optional<Rule> rule = Rule.of(id);
                rule.ifPresent(known -> reasons.put(known, accept.group(2)));
                wrong |= rule.isEmpty();
            }
        }
        return new Acceptance(reasons, wrong);
    }

    Optional<String> reason(Rule rule) {
        return Optional.ofNullable(reasons.get(rule));
    }
}
