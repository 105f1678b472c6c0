package dbmigrate.worker;

import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;

/**
 * A COPY FROM STDIN whose data has no end: Flyway's parser (13.12) then reads for ever, where no
 * time-out and no cancel reaches it. Such a file is refused before Flyway sees it.
 *
 * @param folder where the callbacks stand, which Flyway does not list
 */
record EndlessCopy(Path folder) {
    private static final Pattern FROM_STDIN =
            Pattern.compile("\\bfrom\\s+stdin\\b", Pattern.CASE_INSENSITIVE);

    private static final Pattern COPY =
            Pattern.compile("\\bcopy\\b[^;]*\\bfrom\\s+stdin\\b[^;]*;", Pattern.CASE_INSENSITIVE);

    /** Statement, data, and the line that ends it. */
    private static final Pattern WHOLE =
            Pattern.compile(
                    "\\bfrom\\s+stdin\\b[^;]*;[^\n]*\n(?s:.*?\n)??\\\\\\.[^\n]*",
                    Pattern.CASE_INSENSITIVE);

    /** The first of the files to be run that holds one. */
    Optional<Failure> in(MigrationInfoService info) {
        Set<Path> known =
                Arrays.stream(info.all())
                        .map(MigrationInfo::getPhysicalLocation)
                        .filter(location -> location != null && !location.isEmpty())
                        .map(Path::of)
                        .collect(Collectors.toSet());
        Stream<Path> pending =
                Arrays.stream(info.pending()).map(MigrationInfo::getPhysicalLocation).map(Path::of);
        Stream<Path> callbacks = files().stream().filter(file -> !known.contains(file));
        return Stream.concat(pending, callbacks)
                .flatMap(file -> endless(file).stream())
                .findFirst();
    }

    private List<Path> files() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".sql")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder, e);
        }
    }

    private static Optional<Failure> endless(Path file) {
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
