package dbmigrate.process;

import java.time.OffsetDateTime;

/**
 * A session on the server. A pid alone is used again; with the time of its start it is one session
 * for good, and the application's name cannot tell, since a migration may change it.
 */
public record Backend(int pid, OffsetDateTime start) {}
