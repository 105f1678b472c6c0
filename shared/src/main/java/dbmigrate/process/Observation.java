package dbmigrate.process;

import java.time.OffsetDateTime;

/**
 * An activity and when it was seen, by the server's clock: one that was seen before a migration
 * began says nothing about it.
 */
public record Observation(Activity activity, OffsetDateTime at) {}
