package dbmigrate.process;

import java.time.Instant;
import java.util.List;
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
        UUID id, MigrationRequest request, Identity identity, Optional<String> idempotencyKey) {
    /** What its row says once it is recorded. */
    MigrationProcess queued(Instant requestedAt) {
        return new MigrationProcess(
                id,
                request.command().text(),
                request.database(),
                ProcessState.QUEUED,
                0,
                request.requestedBy(),
                requestedAt,
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                request.fingerprint(),
                false);
    }
}
