package dbmigrate.worker;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.flywaydb.core.internal.configuration.ConfigUtils;

/**
 * Flyway's own configuration: {@code flyway.conf} beside the SQL, and over it the variables {@code
 * FLYWAY_*}, as Flyway documents both, but for what would undo db-migrate's guarantees.
 */
final class FlywayVariables {
    private static final String CONFIGURATION_FILE = "flyway.conf";

    /** The connection is db-migrate's own. */
    private static final Set<String> CONNECTION =
            Set.of("flyway.url", "flyway.user", "flyway.password", "flyway.driver");

    /** Settings that may only have the value that is right, and why. */
    private static final Map<String, Fixed> FIXED =
            Map.of(
                    "flyway.postgresql.transactional.lock",
                    new Fixed("false", "CREATE INDEX CONCURRENTLY would wait for Flyway for ever"),
                    "flyway.group",
                    new Fixed("false", "one failing migration would undo the ones before it"),
                    "flyway.mixed",
                    new Fixed("false", "half of a migration could stay behind when it fails"),
                    "flyway.cleandisabled",
                    new Fixed("true", "db-migrate never drops what stands in a database"));

    private record Fixed(String value, String reason) {}

    private FlywayVariables() {}

    /** A sentence for each variable that is refused; none of them names a value. */
    static List<String> refused(Map<String, String> variables) {
        return variables.entrySet().stream()
                .flatMap(one ->
                        refusal(one.getKey(), property(one.getKey()), one.getValue()).stream())
                .toList();
    }

    /**
     * The properties of file and variables.
     *
     * @throws InvalidConfigurationException when the file has a setting that is refused
     */
    static Map<String, String> properties(Path migrations, Map<String, String> variables) {
        Map<String, String> properties = new HashMap<>();
        Path file = migrations.resolve(CONFIGURATION_FILE);
        if (Files.exists(file)) {
            properties.putAll(read(file.toFile()));
            List<String> refused =
                    properties.entrySet().stream()
                            .flatMap(one ->
                                    refusal(one.getKey(), one.getKey(), one.getValue()).stream())
                            .toList();
            if (!refused.isEmpty()) {
                throw new InvalidConfigurationException(file, refused);
            }
        }
        properties.putAll(ConfigUtils.environmentVariablesToPropertyMap(variables));
        return properties;
    }

    private static Map<String, String> read(File file) {
        return ConfigUtils.loadConfigurationFile(file, StandardCharsets.UTF_8.name(), true);
    }

    private static Optional<String> refusal(String name, String property, String value) {
        String key = property.toLowerCase(Locale.ROOT);
        if (CONNECTION.contains(key) || key.startsWith("flyway.environments.")) {
            return Optional.of(name + " is refused: the connection comes from DATABASE_URL");
        }
        Fixed fixed = FIXED.get(key);
        if (fixed == null || fixed.value().equalsIgnoreCase(value.strip())) {
            return Optional.empty();
        }
        return Optional.of("%s is refused, leave it out: %s".formatted(name, fixed.reason()));
    }

    /** {@code FLYWAY_CLEAN_DISABLED} as {@code flyway.cleandisabled}; enough to compare by. */
    private static String property(String variable) {
        String lower = variable.toLowerCase(Locale.ROOT);
        return lower.startsWith("flyway_postgresql_") || lower.startsWith("flyway_environments_")
                ? lower.replace('_', '.')
                : "flyway." + lower.substring("flyway_".length()).replace("_", "");
    }
}
