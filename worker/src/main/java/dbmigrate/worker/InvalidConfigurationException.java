package dbmigrate.worker;

import java.nio.file.Path;
import java.util.List;

/** A configuration file beside the SQL sets what db-migrate refuses. */
final class InvalidConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InvalidConfigurationException(Path file, List<String> refused) {
        super("%s: %s".formatted(file.getFileName(), String.join("; ", refused)));
    }
}
