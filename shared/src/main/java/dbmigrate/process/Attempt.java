package dbmigrate.process;

import java.util.UUID;

/** One worker's try at a process. Every write of it is conditional on its number. */
public record Attempt(UUID processId, int number) {}
