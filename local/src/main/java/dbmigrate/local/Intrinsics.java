package dbmigrate.local;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * CloudFormation's intrinsic functions, as far as the template uses them on what runs here: Ref,
 * Fn::GetAtt, Fn::Sub, Fn::Join, Fn::If, and conditions of Fn::Equals, Fn::Not, Fn::And, Fn::Or.
 * Any other is refused by name.
 */
final class Intrinsics {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}!]+)}");

    private final Map<String, @Nullable Object> refs;
    private final Map<String, String> attributes;
    private final Map<String, Object> conditions;

    /**
     * @param refs what Ref gives, by name
     * @param attributes what Fn::GetAtt gives, by Name.Attribute
     * @param conditions the template's section
     */
    Intrinsics(
            Map<String, ?> refs, Map<String, String> attributes, Map<String, Object> conditions) {
        this.refs = new HashMap<>(refs);
        this.refs.put("AWS::NoValue", null);
        this.attributes = attributes;
        this.conditions = conditions;
    }

    /** The value with every intrinsic function in it replaced; null for AWS::NoValue. */
    @Nullable Object resolve(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> map when map.size() == 1 -> {
                var only = map.entrySet().iterator().next();
                String name = (String) only.getKey();
                yield name.equals("Ref") || name.startsWith("Fn::")
                        ? call(name, only.getValue())
                        : members(map);
            }
            case Map<?, ?> map -> members(map);
            case List<?> list -> list.stream().map(this::resolve).filter(Objects::nonNull).toList();
            case null -> null;
            default -> value;
        };
    }

    private Map<String, Object> members(Map<?, ?> map) {
        var resolved = new LinkedHashMap<String, Object>();
        map.forEach((key, value) ->
                Optional.ofNullable(resolve(value)).ifPresent(v -> resolved.put((String) key, v)));
        return resolved;
    }

    private @Nullable Object call(String name, Object argument) {
        return switch (name) {
            case "Ref" -> ref((String) argument);
            case "Fn::GetAtt" -> attribute(argument);
            case "Fn::Sub" -> substitute(argument);
            case "Fn::Join" -> {
                var list = (List<?>) argument;
                yield ((List<?>) Objects.requireNonNull(resolve(list.get(1))))
                        .stream()
                                .map(String::valueOf)
                                .collect(Collectors.joining((String) list.get(0)));
            }
            case "Fn::If" -> {
                var list = (List<?>) argument;
                yield resolve(list.get(holds(conditions.get((String) list.get(0))) ? 1 : 2));
            }
            default ->
                    throw new LocalException(
                            "template.yaml uses %s, which local does not know.".formatted(name));
        };
    }

    private @Nullable Object ref(String name) {
        if (!refs.containsKey(name)) {
            throw new LocalException(
                    "template.yaml refers to %s, which has no value here.".formatted(name));
        }
        return refs.get(name);
    }

    private String attribute(Object argument) {
        String name =
                argument instanceof List<?> parts
                        ? parts.get(0) + "." + parts.get(1)
                        : (String) argument;
        return Optional.ofNullable(attributes.get(name))
                .orElseThrow(() ->
                        new LocalException(
                                "template.yaml reads %s, which has no value here."
                                        .formatted(name)));
    }

    private String substitute(Object argument) {
        if (!(argument instanceof String text)) {
            throw new LocalException(
                    "template.yaml uses Fn::Sub with a list, which local does not know.");
        }
        return VARIABLE.matcher(text)
                .replaceAll(found -> {
                    String name = found.group(1);
                    Object value = name.contains(".") ? attribute(name) : ref(name);
                    return java.util.regex.Matcher.quoteReplacement(String.valueOf(value));
                });
    }

    /** Whether a resource that names this condition is made; without one it is. */
    boolean isMade(@Nullable Object condition) {
        return condition == null || holds(conditions.get((String) condition));
    }

    private boolean holds(@Nullable Object condition) {
        if (!(condition instanceof Map<?, ?> map) || map.size() != 1) {
            throw new LocalException("template.yaml has no condition like " + condition);
        }
        var only = map.entrySet().iterator().next();
        var argument = only.getValue();
        return switch ((String) only.getKey()) {
            case "Condition" -> holds(conditions.get((String) argument));
            case "Fn::Equals" -> {
                var list = (List<?>) argument;
                yield String.valueOf(resolve(list.get(0)))
                        .equals(String.valueOf(resolve(list.get(1))));
            }
            case "Fn::Not" -> !holds(((List<?>) argument).get(0));
            case "Fn::And" -> ((List<?>) argument).stream().allMatch(this::holds);
            case "Fn::Or" -> ((List<?>) argument).stream().anyMatch(this::holds);
            default ->
                    throw new LocalException("template.yaml has a condition of " + only.getKey());
        };
    }
}
