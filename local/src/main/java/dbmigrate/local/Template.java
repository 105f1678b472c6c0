package dbmigrate.local;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What template.yaml says of the parts that run here, with every reference resolved to its value
 * here.
 */
record Template(
        List<Function> functions, List<Queue> queues, List<Mapping> mappings, List<Route> routes) {

    /**
     * @param codeUri the package, relative to the template
     * @param memory in MB
     * @param withheld variables that the others have and it must not be given, wherever from
     * @param reserved its reserved concurrency
     */
    record Function(
            String name,
            String handler,
            String codeUri,
            Duration timeout,
            int memory,
            Map<String, String> environment,
            Set<String> withheld,
            Optional<Integer> reserved) {}

    /**
     * @param name with .fifo where it is one
     * @param properties CloudFormation's, which are named as SQS names its attributes
     */
    record Queue(String name, Map<String, Object> properties) {}

    /** An event source mapping from the queue to the function, both by name. */
    record Mapping(
            String queue,
            String function,
            int batchSize,
            int maximumConcurrency,
            boolean reportsItemFailures) {}

    /**
     * @param key as API Gateway writes it: "GET /health", "$default"
     * @param guarded whether the API's authoriser is asked first
     */
    record Route(String key, String function, boolean guarded) {}

    /** Lambda's own when a template says none. */
    private static final Map<String, Object> FUNCTION_DEFAULTS =
            Map.of("Timeout", 3, "MemorySize", 128);

    private static final Object NO_VALUE = Map.of("Ref", "AWS::NoValue");

    /** Where MaximumConcurrency is absent a mapping goes far beyond what one machine carries. */
    private static final int MANY = 10;

    /**
     * Reads the template.
     *
     * @param parameters in place of its parameters' defaults
     * @param sqs the queue server's address
     */
    static Template read(Path file, Map<String, String> parameters, URI sqs) {
        var yaml = CloudFormationYaml.read(file);
        var resources = section(yaml, "Resources");
        var queues = new HashMap<String, String>();
        ofType(resources, "AWS::SQS::Queue")
                .forEach(r -> queues.put(r.name, r.name + (r.bool("FifoQueue") ? ".fifo" : "")));
        var intrinsics = intrinsics(yaml, parameters, queues, sqs);
        resources = made(resources, intrinsics);
        var globals = section(section(yaml, "Globals"), "Function");
        return new Template(
                ofType(resources, "AWS::Serverless::Function")
                        .map(r -> function(r, globals, intrinsics))
                        .toList(),
                ofType(resources, "AWS::SQS::Queue")
                        .map(r -> r.resolved(intrinsics))
                        .map(r ->
                                new Queue(Objects.requireNonNull(queues.get(r.name)), r.properties))
                        .toList(),
                ofType(resources, "AWS::Lambda::EventSourceMapping")
                        .map(r -> mapping(r.resolved(intrinsics)))
                        .toList(),
                routes(resources, intrinsics));
    }

    private static Map<String, Object> made(Map<String, Object> resources, Intrinsics intrinsics) {
        var made = new LinkedHashMap<>(resources);
        made.values().removeIf(resource -> !intrinsics.isMade(map(resource).get("Condition")));
        return made;
    }

    private static Intrinsics intrinsics(
            Map<String, Object> yaml,
            Map<String, String> parameters,
            Map<String, String> queues,
            URI sqs) {
        var refs = new HashMap<String, Object>();
        var attributes = new HashMap<String, String>();
        section(yaml, "Parameters")
                .forEach((name, p) ->
                        Optional.ofNullable(map(p).get("Default"))
                                .ifPresent(value ->
                                        refs.put(
                                                name,
                                                "CommaDelimitedList".equals(map(p).get("Type"))
                                                        ? List.of(((String) value).split(","))
                                                        : value)));
        refs.putAll(parameters);
        refs.put("AWS::AccountId", Arn.ACCOUNT);
        refs.put("AWS::Region", Arn.REGION);
        refs.put("AWS::Partition", "aws");
        refs.put("AWS::URLSuffix", "amazonaws.com");
        refs.put("AWS::StackName", "local");
        section(yaml, "Resources").keySet().forEach(name -> refs.put(name, name));
        queues.forEach((resource, name) -> {
            refs.put(resource, "%s/%s/%s".formatted(sqs, Arn.ACCOUNT, name));
            attributes.put(resource + ".Arn", Arn.of("sqs", name));
            attributes.put(resource + ".QueueName", name);
        });
        section(yaml, "Resources")
                .keySet()
                .forEach(name ->
                        attributes.putIfAbsent(
                                name + ".Arn", Arn.of("lambda", "function:" + name)));
        return new Intrinsics(refs, attributes, section(yaml, "Conditions"));
    }

    /**
     * A function's own property or variable stands in place of that of all functions, and only then
     * is it resolved: so AWS::NoValue takes away what the others have.
     */
    private static Function function(
            Resource function, Map<String, Object> globals, Intrinsics intrinsics) {
        var own = section(section(function.properties, "Environment"), "Variables");
        var variables = new LinkedHashMap<>(section(section(globals, "Environment"), "Variables"));
        variables.putAll(own);
        var properties = new LinkedHashMap<>(globals);
        properties.putAll(function.properties);
        var all = new LinkedHashMap<>(FUNCTION_DEFAULTS);
        all.putAll(map(intrinsics.resolve(properties)));
        var environment = new LinkedHashMap<String, String>();
        map(intrinsics.resolve(variables))
                .forEach((name, value) -> environment.put(name, value.toString()));
        return new Function(
                function.name,
                (String) Objects.requireNonNull(all.get("Handler")),
                (String) Objects.requireNonNull(all.get("CodeUri")),
                Duration.ofSeconds(integer(all.get("Timeout"))),
                integer(all.get("MemorySize")),
                environment,
                withheld(own),
                Optional.ofNullable(all.get("ReservedConcurrentExecutions"))
                        .map(Template::integer));
    }

    /** But for the addresses of this machine's own servers, which no deployment has. */
    private static Set<String> withheld(Map<String, Object> variables) {
        return variables.entrySet().stream()
                .filter(variable -> NO_VALUE.equals(variable.getValue()))
                .map(Map.Entry::getKey)
                .filter(name -> !name.startsWith("AWS_ENDPOINT_URL_"))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static Mapping mapping(Resource mapping) {
        var properties = mapping.properties;
        return new Mapping(
                name(mapping, "EventSourceArn"),
                mapping.text("FunctionName"),
                integer(properties.getOrDefault("BatchSize", 10)),
                integer(
                        section(properties, "ScalingConfig")
                                .getOrDefault("MaximumConcurrency", MANY)),
                properties.get("FunctionResponseTypes") instanceof List<?> types
                        && types.contains("ReportBatchItemFailures"));
    }

    private static List<Route> routes(Map<String, Object> resources, Intrinsics intrinsics) {
        var integrations = new HashMap<String, String>();
        ofType(resources, "AWS::ApiGatewayV2::Integration")
                .map(r -> r.resolved(intrinsics))
                .forEach(
                        r -> integrations.put("integrations/" + r.name, name(r, "IntegrationUri")));
        return ofType(resources, "AWS::ApiGatewayV2::Route")
                .map(r -> r.resolved(intrinsics))
                .map(r ->
                        new Route(
                                r.text("RouteKey"),
                                Objects.requireNonNull(integrations.get(r.text("Target")), r.name),
                                !"NONE"
                                        .equals(
                                                r.properties.getOrDefault(
                                                        "AuthorizationType", "NONE"))))
                .toList();
    }

    /** What an ARN ends with. */
    private static String name(Resource resource, String property) {
        String arn = resource.text(property);
        return arn.substring(arn.lastIndexOf(':') + 1);
    }

    private record Resource(String name, Map<String, Object> properties) {
        Resource resolved(Intrinsics intrinsics) {
            return new Resource(name, map(intrinsics.resolve(properties)));
        }

        String text(String property) {
            return (String) Objects.requireNonNull(properties.get(property), property);
        }

        boolean bool(String property) {
            return Boolean.parseBoolean(String.valueOf(properties.get(property)));
        }
    }

    private static Stream<Resource> ofType(Map<String, Object> resources, String type) {
        return resources.entrySet().stream()
                .filter(resource -> type.equals(map(resource.getValue()).get("Type")))
                .map(resource ->
                        new Resource(
                                resource.getKey(),
                                section(map(resource.getValue()), "Properties")));
    }

    private static Map<String, Object> section(Map<String, Object> of, String name) {
        return map(of.getOrDefault(name, Map.of()));
    }

    @SuppressWarnings("unchecked") // YAML's maps of a template have text as keys
    private static Map<String, Object> map(@Nullable Object value) {
        return (Map<String, Object>) Objects.requireNonNull(value);
    }

    private static int integer(@Nullable Object value) {
        return Integer.parseInt(String.valueOf(value));
    }
}
