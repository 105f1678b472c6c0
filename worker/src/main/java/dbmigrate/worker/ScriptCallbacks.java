package dbmigrate.worker;

import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.resource.LoadableResource;

/**
 * Callbacks that are programs ({@code beforeMigrate.sh}): Flyway starts them already where it only
 * looks, and what they do nothing undoes.
 *
 * @param folder where Flyway finds them, at any depth
 */
record ScriptCallbacks(Path folder) {
    /** The suffixes are those of Flyway's ScriptMigrationResolver. */
    private static final Pattern NAME =
            Pattern.compile(
                    Arrays.stream(Event.values())
                            .map(Event::getId)
                            .map(Pattern::quote)
                            .collect(Collectors.joining("|", "(", ").*\\.(cmd|bat|ps1|py|sh|bash)")),
                    Pattern.CASE_INSENSITIVE);

    /** What Flyway would find, without them. */
    static ResourceProvider without(ResourceProvider found) {
        return new ResourceProvider() {
            @Override
            public LoadableResource getResource(String name) {
                return found.getResource(name);
            }

            @Override
            public Collection<LoadableResource> getResources(String prefix, String... suffixes) {
                return found.getResources(prefix, suffixes).stream()
                        .filter(one -> !NAME.matcher(one.getFilename()).matches())
                        .toList();
            }
        };
    }

    /** Why a rehearsal is refused, where there are some. */
    Optional<Failure> refusal() {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        String names;
        try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            names =
                    files.map(Path::getFileName)
                            .map(Path::toString)
                            .filter(name -> NAME.matcher(name).matches())
                            .sorted()
                            .collect(Collectors.joining(", "));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder, e);
        }
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
