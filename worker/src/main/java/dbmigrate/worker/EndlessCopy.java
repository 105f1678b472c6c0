package dbmigrate.worker;

import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.flywaydb.core.api.CoreLocationPrefix;
import org.flywaydb.core.api.Location;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.migration.JavaMigration;
import org.flywaydb.core.internal.resource.ResourceName;
import org.flywaydb.core.internal.resource.ResourceNameParser;
import org.flywaydb.core.internal.scanner.Scanner;

/**
 * A COPY FROM STDIN whose data has no end: Flyway's parser (13.12) then reads for ever, where no
 * time-out and no cancel reaches it. Such a file is refused before Flyway sees it.
 *
 * @param configuration says where Flyway finds its callbacks, which it does not list
 */
record EndlessCopy(Configuration configuration) {
    private static final Pattern FROM_STDIN =
            Pattern.compile("\\bfrom\\s+stdin\\b", Pattern.CASE_INSENSITIVE);

    private static final Pattern COPY =
            Pattern.compile("\\bcopy\\b[^;]*\\bfrom\\s+stdin\\b[^;]*;", Pattern.CASE_INSENSITIVE);

    /** Statement, data, and the line that ends it. */
    private static final Pattern WHOLE =
            Pattern.compile(
                    "\\bfrom\\s+stdin\\b[^;]*;[^\n]*\n(?s:.*?\n)??\\\\\\.[^\n]*",
                    Pattern.CASE_INSENSITIVE);

    /** The first of the callbacks that holds one. Flyway runs some already where it only looks. */
    Optional<Failure> inCallbacks() {
        return callbacks().flatMap(file -> in(file).stream()).findFirst();
    }

    /** The first of the pending migrations that holds one. */
    static Optional<Failure> inPending(MigrationInfoService info) {
        return Arrays.stream(info.pending())
                .map(MigrationInfo::getPhysicalLocation)
                .flatMap(file -> in(Path.of(file)).stream())
                .findFirst();
    }

    /** As Flyway's FlywayExecutor and SqlScriptCallbackFactory find them. */
    private Stream<Path> callbacks() {
        if (configuration.isSkipDefaultCallbacks()) {
            return Stream.empty();
        }
        Location[] own = configuration.getCallbackLocations();
        Location[] locations = own.length == 0 ? configuration.getLocations() : standing(own);
        ResourceNameParser names = new ResourceNameParser(configuration);
        return new Scanner<>(JavaMigration.class, configuration, locations)
                .getResources("", configuration.getSqlMigrationSuffixes()).stream()
                        .filter(file -> {
                            ResourceName name = names.parse(file.getFilename());
                            return name.isValid() && Event.fromId(name.getPrefix()) != null;
                        })
                        .map(file -> Path.of(file.getAbsolutePathOnDisk()))
                        .filter(Files::isRegularFile);
    }

    /** One that does not stand is no error to Flyway. */
    private static Location[] standing(Location[] locations) {
        return Arrays.stream(locations)
                .filter(one ->
                        !CoreLocationPrefix.isFileSystem(one)
                                || Files.exists(Path.of(one.getRootPath())))
                .toArray(Location[]::new);
    }

    /** Whether a file holds one, and where. */
    static Optional<Failure> in(Path file) {
        String text;
        try {
            // What is looked for is ASCII, whatever the file's encoding.
            text = Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        if (!FROM_STDIN.matcher(text).find()) {
            return Optional.empty();
        }
        String rest = WHOLE.matcher(text).replaceAll("");
        if (!COPY.matcher(SqlText.masked(rest, "")).find()) {
            return Optional.empty();
        }
        return Optional.of(
                Failure.of(
                                FailureCode.SYNTAX_ERROR,
                                "the data of COPY … FROM STDIN has no end: behind it stands no line of \\. alone")
                        .withScript(Optional.of(file.getFileName().toString()))
                        .withLine(lineOfLast(text))
                        .withAction(
                                "Put a line with \\. and nothing else behind the last row, deploy it, and POST again."));
    }

    private static int lineOfLast(String text) {
        Matcher found = FROM_STDIN.matcher(text);
        int last = 0;
        while (found.find()) {
            last = found.start();
        }
        return 1 + (int) text.substring(0, last).chars().filter(c -> c == '\n').count();
    }
}
