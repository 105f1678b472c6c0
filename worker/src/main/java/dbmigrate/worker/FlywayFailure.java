package dbmigrate.worker;

import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import java.nio.charset.CharacterCodingException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.FlywayException;

/**
 * Flyway itself cannot run the migrations. It has codes for few kinds, and its messages name files
 * of this machine and settings of its own command line.
 */
record FlywayFailure(FlywayException exception, Masking masking) {
    private static final Pattern MISNAMED =
            Pattern.compile("name format: (.+?)(?= \\((?:It |could )|\\R|\\z)");

    private static final Pattern PLACEHOLDER =
            Pattern.compile("No value provided for placeholder: (.+?)\\.\\s");

    private static final Pattern CHECKSUM_OF = Pattern.compile("checksum of (.+)");

    /** A path of the worker, and a link to a page about it. */
    private static final Pattern PARSER =
            Pattern.compile(
                    "Unable to parse statement in .* at (line \\d+) col (\\d+)\\. See \\S+ for more information\\. ");

    private static final String MIXED = "both transactional and non-transactional statements";

    /**
     * What a caller may read of it.
     *
     * @param script the migration that Flyway cannot read or that was begun last
     */
    Failure in(Optional<String> script) {
        String said = String.valueOf(exception.getMessage());
        Matcher misnamed = MISNAMED.matcher(said);
        if (misnamed.find()) {
            return Failure.of(FailureCode.MIGRATION_MISNAMED, masked(said))
                    .withScript(Optional.of(misnamed.group(1)));
        }
        Matcher placeholder = PLACEHOLDER.matcher(said);
        if (placeholder.find()) {
            return Failure.of(
                            FailureCode.PLACEHOLDER_MISSING,
                            "there is no value for the placeholder " + placeholder.group(1))
                    .withScript(script);
        }
        Matcher file = CHECKSUM_OF.matcher(said);
        if (file.find() && Failures.in(exception, CharacterCodingException.class).isPresent()) {
            return Failure.of(
                            FailureCode.MIGRATION_UNREADABLE,
                            file.group(1) + " holds bytes that are no characters of the encoding")
                    .withScript(Optional.of(file.group(1)));
        }
        FailureCode code =
                switch (exception.getErrorCode()) {
                    case CoreErrorCode.VALIDATE_ERROR,
                            CoreErrorCode.FAILED_REPEATABLE_MIGRATION,
                            CoreErrorCode.FAILED_VERSIONED_MIGRATION,
                            CoreErrorCode.DUPLICATE_VERSIONED_MIGRATION,
                            CoreErrorCode.DUPLICATE_REPEATABLE_MIGRATION,
                            CoreErrorCode.NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE ->
                            FailureCode.MIGRATIONS_INVALID;
                    case CoreErrorCode.CONFIGURATION -> FailureCode.CONFIGURATION_INVALID;
                    default -> FailureCode.MIGRATION_FAILED;
                };
        String shown = PARSER.matcher(said).replaceAll("cannot be parsed at $1, column $2: ");
        Failure failure = Failure.of(code, masked(shown)).withScript(script);
        return said.contains(MIXED)
                ? failure.withAction(
                        "Split it: what cannot run in a transaction (CONCURRENTLY, VACUUM, …) into one script, the rest into another; deploy both, and POST again.")
                : failure;
    }

    /** Without literals. */
    private String masked(String said) {
        return masking.message(said, "").strip();
    }
}
