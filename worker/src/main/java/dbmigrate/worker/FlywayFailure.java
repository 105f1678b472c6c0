package dbmigrate.worker;

import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import java.nio.charset.CharacterCodingException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.internal.sqlscript.FlywaySqlScriptException;

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
                    "Unable to parse statement in (.*) at (line \\d+) col (\\d+)\\. See \\S+ for more information\\. ");

    private static final String MIXED = "both transactional and non-transactional statements";

    /**
     * What a caller may read of it.
     *
     * @param migration the one that Flyway cannot read or that was begun last
     */
    Failure in(Optional<String> migration) {
        String said = String.valueOf(exception.getMessage());
        Optional<String> script = file(said, migration);
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
                            CoreErrorCode.FAILED_VERSIONED_MIGRATION ->
                            FailureCode.MIGRATIONS_INVALID;
                    case CoreErrorCode.DUPLICATE_VERSIONED_MIGRATION,
                            CoreErrorCode.DUPLICATE_REPEATABLE_MIGRATION ->
                            FailureCode.MIGRATION_DUPLICATE;
                    case CoreErrorCode.NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE ->
                            FailureCode.BASELINE_MISSING;
                    case CoreErrorCode.CONFIGURATION -> FailureCode.CONFIGURATION_INVALID;
                    default -> FailureCode.MIGRATION_FAILED;
                };
        String shown = PARSER.matcher(said).replaceAll("cannot be parsed at $2, column $3: ");
        Failure failure = Failure.of(code, masked(shown)).withScript(script);
        return said.contains(MIXED)
                ? failure.withAction(
                        "Split it: what cannot run in a transaction (CONCURRENTLY, VACUUM, …) into one script, the rest into another; deploy both, and POST again.")
                : failure;
    }

    /** The files with wrong names, each with what Flyway says of it; none in any other failure. */
    Map<String, String> misnamed() {
        Map<String, String> found = new LinkedHashMap<>();
        String.valueOf(exception.getMessage())
                .lines()
                .forEach(line -> {
                    Matcher name = MISNAMED.matcher(line);
                    if (name.find()) {
                        found.put(name.group(1), masked(line));
                    }
                });
        return found;
    }

    /** Whether Flyway could not read a file, and so has run none of its statements. */
    static boolean isOfParser(FlywayException failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            String said = String.valueOf(at.getMessage());
            if (at instanceof FlywaySqlScriptException) {
                return false;
            }
            if (PARSER.matcher(said).find() || said.contains(MIXED)) {
                return true;
            }
        }
        return false;
    }

    /** Whether it is this script that Flyway could not read. */
    static boolean isUnread(String script, FlywayException failure) {
        return Failures.in(failure, FlywaySqlScriptException.class).isEmpty()
                && Stream.iterate((Throwable) failure, at -> at != null, Throwable::getCause)
                        .map(at -> PARSER.matcher(String.valueOf(at.getMessage())))
                        .anyMatch(said -> said.find() && said.group(1).endsWith("/" + script));
    }

    /** The pending script that Flyway cannot parse: not all of its messages name a file. */
    static Optional<String> unreadable(MigrationInfoService info) {
        for (MigrationInfo pending : info.pending()) {
            try {
                MigrationScript.isNonTransactional(pending);
            } catch (FlywayException e) {
                return Optional.of(pending.getScript());
            }
        }
        return Optional.empty();
    }

    /** The file that Flyway names, if it does; it may be a callback beside the migration. */
    private static Optional<String> file(String said, Optional<String> migration) {
        Matcher checksum = CHECKSUM_OF.matcher(said);
        if (checksum.find()) {
            return Optional.of(checksum.group(1));
        }
        Matcher parser = PARSER.matcher(said);
        if (!parser.find()) {
            return migration;
        }
        String path = parser.group(1);
        String name = path.substring(path.lastIndexOf('/') + 1);
        return migration
                .filter(script -> ("/" + script).endsWith("/" + name))
                .or(() -> Optional.of(name));
    }

    /** Without literals. */
    private String masked(String said) {
        return masking.message(said, "").strip();
    }
}
