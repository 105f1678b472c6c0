package dbmigrate.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.internal.resolver.ChecksumCalculator;
import org.flywaydb.core.internal.resource.filesystem.FileSystemResource;

/**
 * A file of SQL as Flyway's history names it, where its name and place leave no doubt.
 *
 * @param script its name
 * @param version as in the history; empty for a repeatable one
 * @param description as in the history
 * @param checksum as Flyway's own class computes it
 */
record MigrationFile(String script, Optional<String> version, String description, int checksum) {
    private static final Pattern NAME =
            Pattern.compile("(?:V(\\d+(?:[._]\\d+)*)|R)__(\\w(?:[\\w -]*\\w)?)\\.sql");

    /** Where Flyway would put something in, a repeatable file's checksum is another one. */
    private static final String PLACEHOLDER = "${";

    /**
     * The files of a folder.
     *
     * @return empty where anything stands there that is no migration beyond doubt: another name, a
     *     folder, a link, a text that is no UTF-8, a placeholder in a repeatable file
     */
    static Optional<List<MigrationFile>> in(Path folder) {
        List<MigrationFile> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
            for (Path path : found) {
                Optional<MigrationFile> file = of(path);
                if (file.isEmpty()) {
                    return Optional.empty();
                }
                files.add(file.get());
            }
            return Optional.of(files);
        } catch (IOException | FlywayException e) {
            return Optional.empty();
        }
    }

    /** Whether nothing stands in a folder but migrations, by their names. */
    static boolean standAlone(Path folder) {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
            for (Path path : found) {
                if (!isNamedSo(path)) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isNamedSo(Path path) {
        return NAME.matcher(path.getFileName().toString()).matches()
                && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
    }

    private static Optional<MigrationFile> of(Path path) throws IOException {
        String name = path.getFileName().toString();
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches() || !isNamedSo(path)) {
            return Optional.empty();
        }
        Optional<String> version =
                Optional.ofNullable(matcher.group(1)).map(text -> text.replace('_', '.'));
        if (version.isEmpty() && Files.readString(path).contains(PLACEHOLDER)) {
            return Optional.empty();
        }
        FileSystemResource resource =
                new FileSystemResource(null, path.toString(), StandardCharsets.UTF_8, false);
        return Optional.of(
                new MigrationFile(
                        name,
                        version,
                        matcher.group(2).replace('_', ' '),
                        ChecksumCalculator.calculate(resource)));
    }
}
