package dbmigrate.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipFile;

/** Reading of archives. */
final class Zip {
    private Zip() {}

    /**
     * Unpacks a function's package.
     *
     * @throws LocalException where it is missing or no zip
     */
    static Path unpack(Path zip, Path folder) {
        if (!Files.isRegularFile(zip)) {
            throw new LocalException(
                    "The package %s is missing: build it with \"mvn package\".".formatted(zip));
        }
        try (var file = new ZipFile(zip.toFile())) {
            for (var entry : file.stream().filter(e -> !e.isDirectory()).toList()) {
                Path target = folder.resolve(entry.getName()).normalize();
                if (!target.startsWith(folder)) {
                    throw new IOException("it names a file outside of itself: " + entry.getName());
                }
                Files.createDirectories(target.getParent());
                try (var content = file.getInputStream(entry)) {
                    Files.copy(content, target);
                }
            }
            return folder;
        } catch (IOException e) {
            throw new LocalException("The package %s cannot be unpacked.".formatted(zip), e);
        }
    }

    /** Copies {@code entry} out of the first of these archives that holds it. */
    static Path extract(List<Path> zips, String entry, Path target) throws IOException {
        for (Path zip : zips) {
            try (var file = new ZipFile(zip.toFile())) {
                var found = file.getEntry(entry);
                if (found != null) {
                    Files.copy(file.getInputStream(found), target);
                    return target;
                }
            }
        }
        throw new LocalException("None of %s holds %s.".formatted(zips, entry));
    }
}
