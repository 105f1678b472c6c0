package dbmigrate.worker;

import java.nio.file.Path;
import java.util.List;

/** A setting of Flyway's, mostly in a file beside the SQL, is one that db-migrate refuses. */
final class InvalidConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InvalidConfigurationException(Path file, List<String> refused) {
        super("%s: %s".formatted(file.getFileName(), String.join("; ", refused)));
    }

    InvalidConfigurationException(String refused) {
        super(refused);
    }
}
