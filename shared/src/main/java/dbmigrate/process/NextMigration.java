package dbmigrate.process;

import java.util.Optional;

/**
 * A migration that is about to run.
 *
 * @param version empty for a repeatable one
 */
public record NextMigration(Optional<String> version, String description, String script) {}
