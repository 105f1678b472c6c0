package dbmigrate.process;

import java.util.Optional;
import java.util.UUID;

/**
 * A process to be recorded.
 *
 * @param id a UUIDv7
 * @param identity who asked, as the authoriser proved it; scopes the idempotency key
 * @param idempotencyKey the caller's key, if there is one
 */
public record NewProcess(
        UUID id, MigrationRequest request, String identity, Optional<String> idempotencyKey) {}
