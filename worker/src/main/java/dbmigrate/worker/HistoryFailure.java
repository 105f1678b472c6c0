package dbmigrate.worker;

import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.ErrorDetails;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * Files and history do not agree. Flyway's own exception holds one text about all migrations; here
 * each is validated again by itself, so that the first that does not agree is named, and how.
 */
final class HistoryFailure {
    /**
     * What is to be run, though Flyway's validation lists it where it is asked; and what a repair
     * has called deleted, which may have the name of a file that is there again.
     */
    private static final Set<MigrationState> NO_QUARREL =
            Set.of(MigrationState.PENDING, MigrationState.OUTDATED, MigrationState.DELETED);

    private static final int MOST_NAMED = 10;

    private HistoryFailure() {}

    /** The failure of a validation; empty for any other exception. */
    static Optional<Failure> of(FlywayException exception, Flyway flyway) {
        if (exception.getErrorCode() != CoreErrorCode.VALIDATE_ERROR) {
            return Optional.empty();
        }
        List<Failure> all = all(flyway);
        return all.stream()
                .findFirst()
                .map(first -> first.withDetail(first.detail() + others(all)));
    }

    /** Each migration that does not agree, in the order of the history. */
    static List<Failure> all(Flyway flyway) {
        MigrationInfoService info = flyway.info();
        Map<String, ErrorDetails> errors =
                flyway.validateWithResult().invalidMigrations.stream()
                        .collect(
                                Collectors.toMap(
                                        one -> key(one.version, one.description),
                                        one -> one.errorDetails,
                                        (first, _) -> first));
        return Arrays.stream(info.all())
                .filter(one -> !NO_QUARREL.contains(one.getState()))
                .filter(one -> errors.containsKey(key(one)))
                .map(one -> failure(one, Objects.requireNonNull(errors.get(key(one))), info))
                .toList();
    }

    private static String key(MigrationInfo migration) {
        MigrationVersion version = migration.getVersion();
        return key(version == null ? "" : version.getVersion(), migration.getDescription());
    }

    /** Flyway hands a repeatable migration's version on as an empty text. */
    private static String key(@Nullable String version, String description) {
        return Objects.requireNonNullElse(version, "") + "__" + description;
    }

    private static Failure failure(
            MigrationInfo wrong, ErrorDetails error, MigrationInfoService info) {
        FailureCode code = code(error);
        return Failure.of(code, name(wrong) + detail(code, error, wrong, info))
                .withScript(Optional.of(wrong.getScript()));
    }

    private static FailureCode code(ErrorDetails error) {
        return switch (error.errorCode) {
            case CoreErrorCode.CHECKSUM_MISMATCH -> FailureCode.CHECKSUM_CHANGED;
            case CoreErrorCode.APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED,
                    CoreErrorCode.APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED ->
                    FailureCode.MIGRATION_MISSING;
            case CoreErrorCode.RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED -> FailureCode.OUT_OF_ORDER;
            case CoreErrorCode.FAILED_VERSIONED_MIGRATION,
                    CoreErrorCode.FAILED_REPEATABLE_MIGRATION ->
                    FailureCode.EARLIER_FAILURE;
            default -> FailureCode.MIGRATIONS_INVALID;
        };
    }

    private static String detail(
            FailureCode code, ErrorDetails error, MigrationInfo wrong, MigrationInfoService info) {
        return switch (code) {
            case CHECKSUM_CHANGED ->
                    " was changed after it was applied: its checksum is now %s, that in the history %s"
                            .formatted(
                                    AppliedMigrations.resolvedChecksum(wrong).orElse(null),
                                    AppliedMigrations.appliedChecksum(wrong).orElse(null));
            case MIGRATION_MISSING -> " stands in the history, and there is no such file any more";
            case OUT_OF_ORDER ->
                    " is not applied, and version %s, which is newer, already is"
                            .formatted(
                                    SchemaVersion.of(info)
                                            .map(MigrationVersion::getVersion)
                                            .orElse("(none)"));
            case EARLIER_FAILURE ->
                    " stands in the history as failed, since %tFT%<tTZ"
                            .formatted(wrong.getInstalledOn().toInstant().atOffset(ZoneOffset.UTC));
            // Its type or its description.
            default -> " does not agree with the history: " + error.errorMessage.strip();
        };
    }

    private static String others(List<Failure> wrong) {
        if (wrong.size() == 1) {
            return "";
        }
        String named =
                wrong.stream()
                        .skip(1)
                        .limit(MOST_NAMED)
                        .flatMap(one -> one.script().stream())
                        .collect(Collectors.joining(", "));
        return "; %d more do not agree: %s%s"
                .formatted(wrong.size() - 1, named, wrong.size() - 1 > MOST_NAMED ? ", …" : "");
    }

    private static String name(MigrationInfo migration) {
        return migration.getVersion() == null
                ? migration.getScript()
                : "%s (version %s)".formatted(migration.getScript(), migration.getVersion());
    }
}
