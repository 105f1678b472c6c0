package dbmigrate.worker;

import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.resource.LoadableResource;

/**
 * Callbacks that are programs ({@code beforeMigrate.sh}): Flyway starts them already where it only
 * looks, and what they do nothing undoes.
 *
 * @param configuration says where Flyway finds them
 */
record ScriptCallbacks(Configuration configuration) {
    /** Those of Flyway's ScriptMigrationResolver. */
    private static final String[] SUFFIXES = {".cmd", ".bat", ".ps1", ".py", ".sh", ".bash"};

    private static final Pattern NAME =
            Pattern.compile(
                    Arrays.stream(Event.values())
                                    .map(Event::getId)
                                    .map(Pattern::quote)
                                    .collect(Collectors.joining("|", "(", ")"))
                            + Arrays.stream(SUFFIXES)
                                    .map(Pattern::quote)
                                    .collect(Collectors.joining("|", ".*(", ")")),
                    Pattern.CASE_INSENSITIVE);

    /** What Flyway would find of migrations, without them. */
    ResourceProvider without() {
        return FoundFiles.of(configuration)
                .that(file -> !NAME.matcher(file.getFilename()).matches());
    }

    /** Why a rehearsal is refused, where there are some. */
    Optional<Failure> refusal() {
        String names =
                Stream.of(configuration.getLocations(), configuration.getCallbackLocations())
                        .flatMap(locations ->
                                new FoundFiles(configuration, locations)
                                        .getResources("", SUFFIXES).stream())
                        .map(LoadableResource::getFilename)
                        .filter(name -> NAME.matcher(name).matches())
                        .distinct()
                        .sorted()
                        .collect(Collectors.joining(", "));
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        Failure.of(
                                        FailureCode.CONFIGURATION_INVALID,
                                        "callbacks are programs, which a rehearsal would start for real and could not undo: "
                                                + names)
                                .withAction(
                                        "Write them in SQL, or rehearse a folder of migrations without them."));
    }
}
